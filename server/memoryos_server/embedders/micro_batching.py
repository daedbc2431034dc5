"""Micro-batching: embed the texts of concurrent callers in one run of the model.

A model takes less time for several texts at once than for one after the other. No caller waits for
a batch to fill: if the model is idle, it runs at once; texts that arrive during a run share the
next one.
"""

from __future__ import annotations

from collections import deque
from threading import Event, Lock
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import numpy as np
    from numpy.typing import NDArray

__all__ = ["MAX_TEXTS_PER_BATCH", "MicroBatcher"]

MAX_TEXTS_PER_BATCH = 32


class _Request:
    """The texts of one caller, and their vectors or the error."""

    def __init__(self, texts: Sequence[str]) -> None:
        self.texts = texts
        self.vectors: NDArray[np.float32] | None = None
        self.error: Exception | None = None
        self.wake_up = Event()

    @property
    def is_done(self) -> bool:
        return self.vectors is not None or self.error is not None


class MicroBatcher:
    """Runs a model for many threads: one of the waiting callers runs it for a whole batch.

    Args:
        run: Returns one row per text; called by one thread at a time.
        max_texts: Texts per run, 1 or more. The texts of one caller are never split.
    """

    def __init__(
        self,
        run: Callable[[list[str]], NDArray[np.float32]],
        max_texts: int = MAX_TEXTS_PER_BATCH,
    ) -> None:
        self._run = run
        self._max_texts = max_texts
        self._lock = Lock()
        self._waiting: deque[_Request] = deque()
        self._leader: _Request | None = None

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return one row per text.

        Raises:
            Exception: Whatever `run` raised for the batch that contained the texts.
        """
        request = _Request(texts)
        with self._lock:
            self._waiting.append(request)
            if self._leader is None:
                self._elect_leader()
        try:
            request.wake_up.wait()
        except BaseException:  # an interrupt: no other caller may depend on this thread
            self._withdraw(request)
            raise
        if not request.is_done:
            self._lead()
        if request.vectors is None:
            raise request.error or RuntimeError("the run ended without vectors or an error")
        return request.vectors

    def _lead(self) -> None:
        """Run the model for the requests at the head of the queue, then wake the next leader."""
        with self._lock:
            batch = self._next_batch()
        try:
            self._run_batch(batch)
        finally:
            with self._lock:
                unfinished = [request for request in batch[1:] if not request.is_done]
                self._waiting.extendleft(reversed(unfinished))
                self._elect_leader()
            for request in batch:
                if request.is_done:
                    request.wake_up.set()

    def _elect_leader(self) -> None:
        """Make the caller that has waited longest run the model next. Needs the lock."""
        self._leader = self._waiting[0] if self._waiting else None
        if self._leader is not None:
            self._leader.wake_up.set()

    def _withdraw(self, request: _Request) -> None:
        with self._lock:
            if request in self._waiting:
                self._waiting.remove(request)
            if request is self._leader:
                self._elect_leader()

    def _next_batch(self) -> list[_Request]:
        batch = [self._waiting.popleft()]
        count = len(batch[0].texts)
        while self._waiting and count + len(self._waiting[0].texts) <= self._max_texts:
            batch.append(self._waiting.popleft())
            count += len(batch[-1].texts)
        return batch

    def _run_batch(self, batch: list[_Request]) -> None:
        try:
            rows = self._run([text for request in batch for text in request.texts])
        except Exception as error:  # noqa: BLE001 - each caller raises it
            for request in batch:
                request.error = error
            return
        start = 0
        for request in batch:
            request.vectors = rows[start : start + len(request.texts)]
            start += len(request.texts)
