"""Embedding together what is asked for at the same time.

A model takes less time for several texts at once than for one after the other. Nobody waits for
company: who comes while nothing runs is served at once, and who comes meanwhile is served next,
together with all the others who have come.
"""

from __future__ import annotations

from collections import deque
from threading import Event, Lock
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import numpy as np
    from numpy.typing import NDArray

__all__ = ["Together"]


class _Request:
    """The texts of one caller, and what came of them."""

    def __init__(self, texts: Sequence[str]) -> None:
        self.texts = texts
        self.vectors: NDArray[np.float32] | None = None
        self.failure: Exception | None = None
        self.is_awake = Event()

    @property
    def is_done(self) -> bool:
        return self.vectors is not None or self.failure is not None


class Together:
    """Runs a model for many threads: one of those who wait does it for all of them.

    Args:
        run: returns one row for each text; called by one thread at a time.
        most: how many texts one run takes at most, 1 or more; one caller's are never divided.
    """

    def __init__(self, run: Callable[[list[str]], NDArray[np.float32]], most: int) -> None:
        self._run = run
        self._most = most
        self._lock = Lock()
        self._waiting: deque[_Request] = deque()
        self._leader: _Request | None = None

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return one row for each of `texts`.

        Raises:
            Exception: what `run` raised for them, and for the others it was called with.
        """
        request = _Request(texts)
        with self._lock:
            self._waiting.append(request)
            if self._leader is None:
                self._elect()
        try:
            request.is_awake.wait()
        except BaseException:  # an interrupt: nobody may wait for this thread
            self._withdraw(request)
            raise
        if not request.is_done:
            self._serve()
        if request.vectors is None:
            raise request.failure or RuntimeError("the run ended without an answer")
        return request.vectors

    def _serve(self) -> None:
        """Run the model for those who have waited longest, oneself among them; wake the next."""
        with self._lock:
            batch = self._next_batch()
        try:
            self._answer(batch)
        finally:
            with self._lock:
                unanswered = [request for request in batch[1:] if not request.is_done]
                self._waiting.extendleft(reversed(unanswered))
                self._elect()
            for request in batch:
                if request.is_done:
                    request.is_awake.set()

    def _elect(self) -> None:
        """Have the one who has waited longest run the model next."""
        self._leader = self._waiting[0] if self._waiting else None
        if self._leader is not None:
            self._leader.is_awake.set()

    def _withdraw(self, request: _Request) -> None:
        with self._lock:
            if request in self._waiting:
                self._waiting.remove(request)
            if request is self._leader:
                self._elect()

    def _next_batch(self) -> list[_Request]:
        batch = [self._waiting.popleft()]
        count = len(batch[0].texts)
        while self._waiting and count + len(self._waiting[0].texts) <= self._most:
            batch.append(self._waiting.popleft())
            count += len(batch[-1].texts)
        return batch

    def _answer(self, batch: list[_Request]) -> None:
        try:
            rows = self._run([text for request in batch for text in request.texts])
        except Exception as failure:  # noqa: BLE001 - each caller raises it
            for request in batch:
                request.failure = failure
            return
        start = 0
        for request in batch:
            request.vectors = rows[start : start + len(request.texts)]
            start += len(request.texts)
