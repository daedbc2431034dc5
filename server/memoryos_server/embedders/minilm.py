"""Embedder for all-MiniLM-L6-v2 with int8 weights, run on this machine by onnxruntime."""

from __future__ import annotations

import os
from threading import Lock
from typing import TYPE_CHECKING
from weakref import WeakSet

from memoryos_server.per_process import importing

from .cache import MAX_CACHED_VECTORS, VectorCache
from .calibration import MINILM_FILE, Calibration
from .micro_batching import MicroBatcher
from .onnx_model import DIMENSION, OnnxModel, read_weights
from .wordpiece import WordPiece

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import numpy as np
    from numpy.typing import NDArray

__all__ = ["MiniLM"]

DEFAULT_THREADS = 2

MAX_TOKENS_PER_RUN = 512
"""Rows times width, with padding: larger runs take more memory and are no faster."""


class _Model:
    """The tokenizer and the ONNX session."""

    def __init__(self, threads: int) -> None:
        self._tokenizer = WordPiece()
        self._model = OnnxModel(read_weights(), threads)

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return one unit-length row per text."""
        import numpy as np

        windows = [
            (row, window)
            for row, text in enumerate(texts)
            for window in self._tokenizer.windows(text)
        ]
        vectors = np.zeros((len(texts), DIMENSION), dtype=np.float32)
        for batch in batches(windows):
            pooled = self._model.run([window for _, window in batch])
            for (row, window), vector in zip(batch, pooled, strict=True):
                vectors[row] += len(window) * vector
        vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
        return vectors


class MiniLM:
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

    def __init__(
        self, *, threads: int | None = None, cached_vectors: int = MAX_CACHED_VECTORS
    ) -> None:
        self._threads = threads or min(DEFAULT_THREADS, os.cpu_count() or 1)
        self._cached_vectors = cached_vectors
        self._calibration = Calibration.load(MINILM_FILE)
        self._model: _Model | None = None
        self._loading = Lock()
        self._cache = VectorCache(cached_vectors)
        self._batcher = self._new_batcher()
        _instances.add(self)

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return one unit-length row per text. The first call loads the model.

        Raises:
            ModelFileError: The model file is missing or altered.
        """
        import numpy as np

        cache = self._cache
        vectors = {text: cache.get(text) for text in texts}
        missing = [text for text, vector in vectors.items() if vector is None]
        if missing:
            for text, vector in zip(missing, self._batcher.embed(missing), strict=True):
                vectors[text] = vector
                cache.put(text, vector.copy())  # a view would keep its whole batch
        rows = [vectors[text] for text in texts]
        return np.array(rows, dtype=np.float32).reshape(len(texts), DIMENSION)

    def similarity(
        self, cosine: NDArray[np.floating], held: NDArray[np.floating] | float = 0.0
    ) -> NDArray[np.float32]:
        """Map cosines to similarities; docs/calibration.md describes how the map was fitted."""
        return self._calibration.similarity(cosine, held)

    def _load(self) -> _Model:
        with self._loading:
            if self._model is None:
                with importing():  # of onnxruntime and the tokenizer
                    self._model = _Model(self._threads)
            return self._model

    def _reset_after_fork(self) -> None:
        """Recreate threads and locks after a fork: threads are gone, and locks may stay locked.

        The parent's session is kept, unused, until the process exits: its destructor would wait
        for its threads.
        """
        if self._model is not None:
            import ctypes

            ctypes.pythonapi.Py_IncRef(ctypes.py_object(self._model))
        self._model = None
        self._loading = Lock()
        self._cache = VectorCache(self._cached_vectors)
        self._batcher = self._new_batcher()

    def _new_batcher(self) -> MicroBatcher:
        return MicroBatcher(lambda texts: self._load().embed(texts))


def batches(windows: Sequence[tuple[int, list[int]]]) -> Iterator[list[tuple[int, list[int]]]]:
    """Group windows of similar length, so that a run has little padding."""
    batch: list[tuple[int, list[int]]] = []
    for window in sorted(windows, key=lambda item: len(item[1])):
        if batch and (len(batch) + 1) * len(window[1]) > MAX_TOKENS_PER_RUN:
            yield batch
            batch = []
        batch.append(window)
    if batch:
        yield batch


_instances: WeakSet[MiniLM] = WeakSet()


def _reset_all_after_fork() -> None:
    for embedder in _instances:
        embedder._reset_after_fork()  # noqa: SLF001 (this module's own)


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_reset_all_after_fork)
