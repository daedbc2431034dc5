"""The single-origin transport, asynchronous."""

from __future__ import annotations

import asyncio
import os
import time
from functools import partial
from typing import TYPE_CHECKING, Dict, Optional, Tuple, Union, cast

import httpcore

from memoryos._protocol.responses import HTTPResponse
from memoryos._transport.httpcore_adapter import (
    FAILURES,
    HttpcoreRequests,
    busy,
    failure_of,
    has_unread_data,
    headers_of,
)
from memoryos._transport.pool import KEEPALIVE_SECONDS, MAX_CONNECTIONS, Pool, Slot
from memoryos._transport.response_body import BodyReader
from memoryos._transport.sockets import Deadline
from memoryos._transport.tracebacks import clear_frames, current_exception

from .network import Backend

if TYPE_CHECKING:
    import ssl
    from typing import AsyncIterable

    from memoryos._protocol.requests import Request
    from memoryos._protocol.retries import Failure


class AsyncConnection:
    """One connection, and the deadline of the attempt that it carries."""

    def __init__(self, origin: httpcore.Origin, ssl_context: Optional[ssl.SSLContext]) -> None:
        self._deadline = Deadline()
        self._backend = Backend(self._deadline)
        self._http = httpcore.AsyncHTTPConnection(
            origin, ssl_context=ssl_context, network_backend=self._backend
        )

    async def exchange(self, message: httpcore.Request, timeout: float) -> HTTPResponse:
        """Send a request, and return its answer, within `timeout` seconds."""
        self._deadline.at = time.monotonic() + timeout
        timer = asyncio.get_running_loop().call_later(timeout, self._expire)
        try:
            response = await self._http.handle_async_request(message)
            headers = headers_of(response)
            body = BodyReader(headers)
            async for part in cast("AsyncIterable[bytes]", response.stream):
                if not body.feed(part):
                    break
            await response.aclose()
        finally:
            timer.cancel()
        return HTTPResponse(response.status, headers, body.content(), body.defect)

    def _expire(self) -> None:
        if self._backend.stream is not None:
            self._backend.stream.expire()

    def is_available(self) -> bool:
        """Return whether another request can follow."""
        return self._http.is_available() and not has_unread_data(self._http)

    def has_expired(self) -> bool:
        """Return whether the service has hung up."""
        return self._http.has_expired()

    def abort(self) -> None:
        """Close the socket, at once and from anywhere."""
        if self._backend.stream is not None:
            self._backend.stream.abort()


AsyncPool = Pool[AsyncConnection]


class AsyncDirectTransport:
    """Sends requests over connections of its own.

    Each event loop has its own connections, so that a client outlives `asyncio.run`; a process that
    was forked starts with none.
    """

    def __init__(self, base_url: str, ssl_context: Optional[ssl.SSLContext]) -> None:
        self._requests = HttpcoreRequests(base_url)
        self._ssl_context = ssl_context
        self._closed = False
        # By process and loop: what another one has open stays there.
        self._pools: Dict[Tuple[int, asyncio.AbstractEventLoop], AsyncPool] = {}

    async def send(self, request: Request, timeout: float) -> Union[HTTPResponse, Failure]:
        """Send `request`, and wait at most `timeout` seconds for its whole answer."""
        outer = current_exception()
        loop = asyncio.get_running_loop()
        ends = loop.time() + timeout
        pool = self._pools.get((os.getpid(), loop)) or self._pool_for(loop)
        slot: Slot[AsyncConnection] = Slot()
        usable = False
        try:
            if not await self._take(pool, slot, loop, timeout):
                return busy(MAX_CONNECTIONS)
            connection = self._connection(slot)
            message = self._requests.message(request)
            answer = await connection.exchange(message, ends - loop.time())
            usable = connection.is_available()
        except FAILURES as cause:
            return failure_of(clear_frames(cause, outer))
        except BaseException as interruption:
            clear_frames(interruption, outer)
            raise
        else:
            return answer
        finally:
            self._give_back(pool, slot, usable=usable)

    async def _take(
        self,
        pool: AsyncPool,
        slot: Slot[AsyncConnection],
        loop: asyncio.AbstractEventLoop,
        timeout: float,
    ) -> bool:
        """Wait for a place; return whether it is granted. In any case it is to be given back."""
        for connection in pool.expired(time.monotonic()):
            connection.abort()
        pool.take(slot)
        if not slot.granted:
            woken: asyncio.Future[None] = loop.create_future()
            slot.wake = partial(_wake, woken)
            timer = loop.call_later(timeout, slot.wake)
            try:
                await woken
            finally:
                timer.cancel()
        return slot.granted

    def _connection(self, slot: Slot[AsyncConnection]) -> AsyncConnection:
        """Return the connection of a slot, or a new one where it has none that is still good."""
        if slot.connection is not None and slot.connection.has_expired():
            slot.connection.abort()
            slot.connection = None
        if slot.connection is None:
            slot.connection = AsyncConnection(self._requests.origin, self._ssl_context)
        return slot.connection

    def _give_back(self, pool: AsyncPool, slot: Slot[AsyncConnection], *, usable: bool) -> None:
        """Take back a slot, and its connection: to use again, or to close."""
        slot.given_up = True
        if not slot.granted:
            return
        keep = slot.connection if usable and not self._closed else None
        woken = pool.give_back(keep, time.monotonic())
        if woken is not None and woken.wake is not None:
            woken.wake()
        if slot.connection is not None and keep is None:
            slot.connection.abort()
        if self._closed:  # by another thread, in between
            _abort(pool)

    def _pool_for(self, loop: asyncio.AbstractEventLoop) -> AsyncPool:
        """Return the pool of this loop, after leaving those of a parent process or ended loops."""
        for process, other in list(self._pools):
            if process != os.getpid() or other.is_closed():
                _abort(self._pools.pop((process, other), None))
        return self._pools.setdefault((os.getpid(), loop), Pool(MAX_CONNECTIONS, KEEPALIVE_SECONDS))

    @property
    def is_open(self) -> bool:
        """Return whether a connection of this process is open."""
        process = os.getpid()
        return any(pool.open > 0 for key, pool in list(self._pools.items()) if key[0] == process)

    def abort(self) -> None:
        """Close the idle connections now, and those in use when they are given back."""
        self._closed = True
        for pool in list(self._pools.values()):
            _abort(pool)

    async def close(self) -> None:
        """Close the connections."""
        self.abort()


def _abort(pool: Optional[AsyncPool]) -> None:
    if pool is not None:
        for connection in pool.clear():
            connection.abort()


def _wake(waiter: asyncio.Future[None]) -> None:
    if not waiter.done():
        waiter.set_result(None)
