"""What embedders that run a model in this process share: cache, batches, calibration, forks."""

from __future__ import annotations

import logging
import os
from abc import ABC, abstractmethod
from threading import Lock
from typing import TYPE_CHECKING, Protocol
from weakref import WeakSet

from memoryos_server.model.errors import unavailable
from memoryos_server.per_process import importing

from .cache import MAX_CACHED_VECTORS, VectorCache
from .calibration import Calibration
from .micro_batching import MicroBatcher

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import numpy as np
    from numpy.typing import NDArray

__all__ = ["LocalModelEmbedder", "TextModel", "WindowedModel", "batches", "thread_count"]

DEFAULT_THREADS = 2

FAILURE_RETRY_AFTER_SECONDS = 300.0
"""`Retry-After` of the 503 response if the model can't be loaded: someone has to repair it."""

MAX_TOKENS_PER_RUN = 512
"""Rows times width, with padding: larger runs take more memory and are no faster."""


class TextModel(Protocol):
    """A loaded model. One thread calls it at a time."""

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return one unit-length row per text."""


class Tokenizer(Protocol):
    """Splits texts into windows of token ids."""

    def windows(self, text: str) -> list[list[int]]:
        """Return the text's token ids, in at least one window."""


class PoolingModel(Protocol):
    """Maps rows of token ids to vectors."""

    def run(self, rows: Sequence[Sequence[int]]) -> NDArray[np.float32]:
        """Return one vector per row, of any length."""


class WindowedModel:
    """A transformer: embeds a text as the mean of its windows, weighted by their tokens."""

    def __init__(self, tokenizer: Tokenizer, model: PoolingModel) -> None:
        self._tokenizer = tokenizer
        self._model = model

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return one unit-length row per text."""
        import numpy as np

        windows = [
            (row, window)
            for row, text in enumerate(texts)
            for window in self._tokenizer.windows(text)
        ]
        sums: dict[int, NDArray[np.float32]] = {}
        for batch in batches(windows):
            pooled = self._model.run([window for _, window in batch])
            for (row, window), vector in zip(batch, pooled, strict=True):
                sums[row] = sums.get(row, 0.0) + len(window) * vector
        vectors: NDArray[np.float32] = np.array([sums[row] for row in range(len(texts))])
        vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
        return vectors


class LocalModelEmbedder(ABC):
    """Embeds texts with a model of this process. Thread-safe, and usable after a fork.

    Subclasses set `name`, `dimension`, `calibration_file` and `languages` (the ISO 639-1 codes of
    those that the model knows, None for almost any), and have `_load`.

    Args:
        cached_vectors: Number of recent texts whose vectors are kept, 0 or more.
    """

    name: str
    dimension: int
    calibration_file: str
    languages: frozenset[str] | None

    def __init__(self, cached_vectors: int = MAX_CACHED_VECTORS) -> None:
        self._cached_vectors = cached_vectors
        self._calibration = Calibration.load(self.calibration_file)
        self._model: TextModel | None = None
        self._loading = Lock()
        self._cache = VectorCache(cached_vectors)
        self._batcher = self._new_batcher()
        _instances.add(self)

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return one unit-length row per text. The first call loads the model.

        Raises:
            ServiceError: With status 503, the model can't be loaded, such as from an altered file.
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
        return np.array(rows, dtype=np.float32).reshape(len(texts), self.dimension)

    def similarity(
        self, cosine: NDArray[np.floating], held: NDArray[np.floating] | float = 0.0
    ) -> NDArray[np.float32]:
        """Map cosines to similarities; docs/calibration.md describes how the map was fitted."""
        return self._calibration.similarity(cosine, held)

    def cosine_correction(self, mean: float, *, is_request: bool) -> float:
        """Return what to add to a query's cosines; see `Calibration.cosine_correction`."""
        return self._calibration.cosine_correction(mean, is_request=is_request)

    @abstractmethod
    def _load(self) -> TextModel:
        """Return the model, loaded."""

    def _loaded(self) -> TextModel:
        with self._loading:
            if self._model is None:
                self._model = self._load_or_say_why()
            return self._model

    def _load_or_say_why(self) -> TextModel:
        try:
            with importing():  # of the packages that the model needs
                return self._load()
        except Exception as error:
            _logger.exception("The embedder %s can't load its model", self.name)
            problem = f"The embedder {self.name} can't load its model: {error}"
            raise unavailable(problem, FAILURE_RETRY_AFTER_SECONDS) from error

    def _new_batcher(self) -> MicroBatcher:
        return MicroBatcher(lambda texts: self._loaded().embed(texts))

    def _reset_after_fork(self) -> None:
        """Recreate threads and locks after a fork: threads are gone, and locks may stay locked.

        The parent's model is kept, unused, until the process exits: its destructor would wait for
        its threads.
        """
        if self._model is not None:
            import ctypes

            ctypes.pythonapi.Py_IncRef(ctypes.py_object(self._model))
        self._model = None
        self._loading = Lock()
        self._cache = VectorCache(self._cached_vectors)
        self._batcher = self._new_batcher()


def thread_count(threads: int | None) -> int:
    """Return the threads per run: as given, or 2, or the number of cores if that is less."""
    return threads or min(DEFAULT_THREADS, os.cpu_count() or 1)


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


_logger = logging.getLogger(__name__)
_instances: WeakSet[LocalModelEmbedder] = WeakSet()


def _reset_all_after_fork() -> None:
    for embedder in _instances:
        embedder._reset_after_fork()  # noqa: SLF001 (this module's own)


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_reset_all_after_fork)
