"""all-MiniLM-L6-v2 with int8 weights, run offline by onnxruntime."""

from __future__ import annotations

import ctypes
import os
from threading import Lock
from typing import TYPE_CHECKING
from weakref import WeakSet

import numpy as np

from .cache import VectorCache
from .calibration import Calibration
from .onnx_model import DIMENSION, OnnxModel, read_weights
from .together import Together
from .wordpiece import WordPiece

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

__all__ = ["MiniLM"]

_CALIBRATION_FILE = "minilm_calibration.json"
_THREADS = 2
_CACHED_VECTORS = 1024
_TEXTS_TOGETHER = 32
# Rows times width, padding included: larger runs take more memory and are no faster.
_TOKENS_IN_A_RUN = 512


class _Model:
    """The tokenizer and the session, loaded together by the first call."""

    def __init__(self, threads: int) -> None:
        self._tokenizer = WordPiece()
        self._model = OnnxModel(read_weights(), threads)

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return one unit-length row per text."""
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
    """Embeds English text in 384 dimensions. Safe to share between threads, and across `fork`.

    A text longer than one window of the model is embedded as the mean of its windows, each
    weighted by its tokens; `wordpiece.MAX_WINDOWS` bounds them.

    Args:
        threads: threads that one run of the model may use, 1 or more; by default 2, or the
            machine's cores where it has fewer.
        cached_vectors: how many vectors of recent texts are kept, 0 or more.
    """

    name = "minilm-l6-v2-int8"
    dimension = DIMENSION

    def __init__(
        self, *, threads: int | None = None, cached_vectors: int = _CACHED_VECTORS
    ) -> None:
        self._threads = threads or min(_THREADS, os.cpu_count() or 1)
        self._cached_vectors = cached_vectors
        self._calibration = Calibration.load(_CALIBRATION_FILE)
        self._model: _Model | None = None
        self._loading = Lock()
        self._cache = VectorCache(cached_vectors)
        self._together = self._new_together()
        _instances.add(self)

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return one unit-length row per text. The first call loads the model.

        Raises:
            ModelFileError: the model file is missing or altered.
        """
        cache = self._cache
        vectors = {text: cache.get(text) for text in texts}
        missing = [text for text, vector in vectors.items() if vector is None]
        if missing:
            for text, vector in zip(missing, self._together.embed(missing), strict=True):
                vectors[text] = vector
                cache.put(text, vector.copy())  # a view would keep its whole batch
        rows = [vectors[text] for text in texts]
        return np.array(rows, dtype=np.float32).reshape(len(texts), DIMENSION)

    def similarity(
        self, cosine: NDArray[np.floating], held: NDArray[np.floating] | float = 0.0
    ) -> NDArray[np.float32]:
        """Return calibrated similarities; docs/calibration.md says how they were fitted."""
        return self._calibration.similarity(cosine, held)

    def _load(self) -> _Model:
        with self._loading:
            if self._model is None:
                self._model = _Model(self._threads)
            return self._model

    def _start_afresh(self) -> None:
        """After a fork the session's threads are gone, and a lock may be held for ever.

        The parent's session is kept, unused, even when the interpreter ends: its destructor would
        wait for its threads.
        """
        if self._model is not None:
            ctypes.pythonapi.Py_IncRef(ctypes.py_object(self._model))
        self._model = None
        self._loading = Lock()
        self._cache = VectorCache(self._cached_vectors)
        self._together = self._new_together()

    def _new_together(self) -> Together:
        return Together(lambda texts: self._load().embed(texts), most=_TEXTS_TOGETHER)


def batches(windows: Sequence[tuple[int, list[int]]]) -> Iterator[list[tuple[int, list[int]]]]:
    """Group windows of like length, so that little of a run is padding."""
    batch: list[tuple[int, list[int]]] = []
    for window in sorted(windows, key=lambda item: len(item[1])):
        if batch and (len(batch) + 1) * len(window[1]) > _TOKENS_IN_A_RUN:
            yield batch
            batch = []
        batch.append(window)
    if batch:
        yield batch


_instances: WeakSet[MiniLM] = WeakSet()


def _start_afresh_in_child() -> None:
    for embedder in _instances:
        embedder._start_afresh()  # noqa: SLF001 (this module's own)


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_start_afresh_in_child)
