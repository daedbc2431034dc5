"""Bounds an attempt through an httpx client as a whole.

Written by hand for both clients: tasks can be cancelled from outside, threads can't.
"""

from __future__ import annotations

import asyncio
import ssl
import sys
import time
from typing import TYPE_CHECKING, Any, Awaitable, Callable, Dict, Mapping, Optional, TypeVar

from memoryos._transport.attempt import (
    RESPONSE_CLOSED,
    TIME_IS_OVER,
    Attempt,
    GuardedStream,
    guard,
)
from memoryos._transport.failures import AttemptTimeoutError

if TYPE_CHECKING:
    from typing import AsyncGenerator

    import httpx
    from httpcore import AsyncNetworkStream as _NetworkStream
else:
    _NetworkStream = object

T = TypeVar("T")

TURN_SECONDS = 0.01
"""How long a body is read before other tasks of the event loop get a turn."""

GRACE_SECONDS = 0.25
"""How long to wait for a cancelled attempt to close its connection."""


class AsyncGuard:
    """Guard of one attempt: its time, its connection, and turns for other tasks.

    Args:
        timeout: The time for the whole attempt, in seconds.
    """

    def __init__(self, timeout: float) -> None:
        self.attempt = Attempt(timeout)
        self._turn_ends = 0.0

    def extensions(self) -> Dict[str, Any]:
        """Return the extensions of the httpx request."""
        return {"timeout": self.attempt.timeouts(), "trace": self._trace}

    async def run(self, work: Callable[[], Awaitable[T]]) -> T:
        """Return the result of `work`, which is cancelled when the time is over.

        Raises:
            AttemptTimeoutError: It took too long.
        """
        task: asyncio.Future[T] = asyncio.ensure_future(self._activated(work))
        is_late = False
        try:
            # Not `wait_for`: before Python 3.12 it can swallow a cancellation.
            await asyncio.wait({task}, timeout=self.attempt.left())
        finally:
            if not task.done():
                is_late = True
                await _end(task)
        if is_late and not _has_result(task):
            raise AttemptTimeoutError(TIME_IS_OVER)
        return task.result()

    async def _activated(self, work: Callable[[], Awaitable[T]]) -> T:
        with self.attempt.active():  # in the context of this task
            return await work()

    async def pause(self) -> None:
        """Let other tasks run, now and then.

        Raises:
            AttemptTimeoutError: The time is over.
        """
        now = time.monotonic()
        if now >= self._turn_ends:
            self._turn_ends = now + TURN_SECONDS
            self.attempt.check()
            await asyncio.sleep(0)

    async def adopt(self, extensions: Mapping[str, Any]) -> None:
        """Take the extensions of a response: another use of the client may have its connection."""
        stream = self.attempt.adopt(extensions)
        if stream is not None:
            guard(stream, _Stream)

    async def close_unseen(self) -> None:
        """Close the connection after a response if the client doesn't say what it does."""
        if not self.attempt.is_traced and self.attempt.stream is not None:
            await self.attempt.stream.aclose()

    async def _trace(self, event: str, info: Mapping[str, Any]) -> None:
        opened = self.attempt.observe(event, info)
        if opened is not None:
            guard(opened, _Stream)
        if event == RESPONSE_CLOSED and self.attempt.stream is not None:
            await self._end_response(self.attempt.stream)

    async def _end_response(self, stream: _NetworkStream) -> None:
        """Close the connection unless it ends exactly where the response does."""
        if not self.attempt.is_response_exact or _has_unread_data(stream):
            await stream.aclose()


async def close_with_loop(client: httpx.AsyncClient) -> AsyncGenerator[None, None]:
    """Close a client when its event loop ends, or when the returned generator is forgotten.

    `asyncio.run` closes generators that have begun.
    """
    loop = asyncio.get_running_loop()

    def close_later(_generator: AsyncGenerator[None, None]) -> None:
        # asyncio's own hook creates the coroutine at once, and Python warns of one that never ran
        # if the loop doesn't run again.
        if not (client.is_closed or loop.is_closed()):
            loop.call_soon_threadsafe(lambda: loop.create_task(client.aclose()))

    generator = _close_at_end(client)
    hooks = sys.get_asyncgen_hooks()
    sys.set_asyncgen_hooks(finalizer=close_later)
    try:
        beginning = generator.__anext__()  # the generator takes the hooks
    finally:
        sys.set_asyncgen_hooks(*hooks)
    await beginning
    return generator


async def _close_at_end(client: httpx.AsyncClient) -> AsyncGenerator[None, None]:
    try:
        yield
    finally:
        await client.aclose()


class _Stream(GuardedStream, _NetworkStream):
    async def read(self, max_bytes: int, timeout: Optional[float] = None) -> bytes:
        attempt = self.attempt_for(self.read_timeout)
        if attempt is None:
            return await super().read(max_bytes, timeout)
        data = await super().read(attempt.read_size(max_bytes), attempt.limit(timeout))
        attempt.received(data)
        return data

    async def write(self, buffer: bytes, timeout: Optional[float] = None) -> None:
        attempt = self.attempt_for(self.write_timeout)
        await super().write(buffer, timeout if attempt is None else attempt.limit(timeout))


def _has_unread_data(stream: _NetworkStream) -> bool:
    """Return whether TLS has received something more, which a look at the socket doesn't show."""
    tls = stream.get_extra_info("ssl_object")
    if tls is None:
        return False
    try:
        tls.read(1)
    except ssl.SSLWantReadError:
        return False
    except (OSError, ValueError):
        return True
    return True


async def _end(task: asyncio.Future[Any]) -> None:
    """Cancel a task, and give it a moment to close its connection."""
    task.add_done_callback(_retrieve)
    task.cancel()
    await asyncio.wait({task}, timeout=GRACE_SECONDS)


def _has_result(task: asyncio.Future[Any]) -> bool:
    return task.done() and not task.cancelled() and task.exception() is None


def _retrieve(task: asyncio.Future[Any]) -> None:
    if not task.cancelled():
        task.exception()  # else asyncio logs that it was never retrieved
