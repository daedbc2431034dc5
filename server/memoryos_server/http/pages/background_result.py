"""The result of a function that may take any time, for requests that can't wait for it."""

from __future__ import annotations

import asyncio
import threading
from contextlib import suppress
from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["BackgroundResult"]

_Result = TypeVar("_Result")


class BackgroundResult(Generic[_Result]):
    """Calls a function in a thread of its own, once at a time, and keeps the result for a while.

    So a function that hangs costs one thread, however often its result is asked for. For the
    coroutines of one event loop.

    Args:
        compute: The function; it must not raise.
        patience_seconds: How long a call of `get` waits.
        valid_seconds: How long a result is taken for the current one.
    """

    def __init__(
        self, compute: Callable[[], _Result], *, patience_seconds: float, valid_seconds: float
    ) -> None:
        self._compute = compute
        self._patience_seconds = patience_seconds
        self._valid_seconds = valid_seconds
        self._pending: asyncio.Future[_Result] | None = None
        self._started_at = self._ended_at = 0.0

    async def get(self) -> _Result | None:
        """Return the result, or None if the function has not returned in time."""
        pending = self._pending
        now = asyncio.get_running_loop().time()
        if pending is None or (pending.done() and now - self._ended_at >= self._valid_seconds):
            pending = self._start(now)
        remaining = self._started_at + self._patience_seconds - now
        await asyncio.wait({pending}, timeout=max(0.0, remaining))
        return pending.result() if pending.done() else None

    def _start(self, now: float) -> asyncio.Future[_Result]:
        loop = asyncio.get_running_loop()
        pending: asyncio.Future[_Result] = loop.create_future()

        def end(result: _Result) -> None:
            self._ended_at = loop.time()
            pending.set_result(result)

        def run() -> None:
            result = self._compute()
            with suppress(RuntimeError):  # the loop was closed meanwhile
                loop.call_soon_threadsafe(end, result)

        # A daemon: a function that hangs doesn't keep the process from ending.
        threading.Thread(target=run, name="memoryos-background", daemon=True).start()
        self._pending, self._started_at = pending, now
        return pending
