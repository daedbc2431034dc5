"""The single-origin transport, asynchronous."""

from __future__ import annotations

import asyncio
import os
import time
from functools import partial
from typing import TYPE_CHECKING, Dict, Optional, Union

import httpcore

from ._answers import Answer
from ._async_network import Backend
from ._body import BodyReader
from ._connections import KEEPALIVE, MOST_CONNECTIONS
from ._exchange import Failure
from ._network import Deadline
from ._pool import Place, Pool
from ._wire import FAILURES, address_of, failure_of, headers_of, wire_request

if TYPE_CHECKING:
    import ssl

    from ._requests import Request


class AsyncConnection:
    """One connection, and the deadline of the attempt that it carries."""

    def __init__(self, origin: httpcore.Origin, ssl_context: Optional[ssl.SSLContext]) -> None:
        self._deadline = Deadline()
        self._backend = Backend(self._deadline)
        self._http = httpcore.AsyncHTTPConnection(
            origin, ssl_context=ssl_context, network_backend=self._backend
        )

    async def exchange(self, message: httpcore.Request, timeout: float) -> Answer:
        """Send a request, and return its answer, within `timeout` seconds."""
        self._deadline.at = time.monotonic() + timeout
        timer = asyncio.get_running_loop().call_later(timeout, self._expire)
        try:
            response = await self._http.handle_async_request(message)
            headers = headers_of(response)
            body = BodyReader(headers)
            async for part in response.aiter_stream():
                if not body.feed(part):
                    break
            await response.aclose()
        finally:
            timer.cancel()
        return Answer(response.status, headers, body.content(), body.defect)

    def _expire(self) -> None:
        if self._backend.stream is not None:
            self._backend.stream.expire()

    def is_available(self) -> bool:
        """Return whether another request can follow."""
        return self._http.is_available()

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
        self._address = address_of(base_url)
        self._ssl_context = ssl_context
        self._closed = False
        self._reset()

    def _reset(self) -> None:
        self._process = os.getpid()
        self._pools: Dict[asyncio.AbstractEventLoop, AsyncPool] = {}

    async def send(self, request: Request, timeout: float) -> Union[Answer, Failure]:
        """Send `request`, and wait at most `timeout` seconds for its whole answer."""
        loop = asyncio.get_running_loop()
        pool = self._pools.get(loop) if os.getpid() == self._process else None
        if pool is None:
            pool = self._pool_for(loop)
        ends = loop.time() + timeout
        place = await self._place(pool, loop, timeout)
        if not place.granted:
            busy = TimeoutError(f"all {MOST_CONNECTIONS} connections are in use")
            return Failure(busy, timed_out=True, sent=False)
        connection: Optional[AsyncConnection] = None
        usable = False
        try:
            connection = self._connection(place)
            message = wire_request(request, self._address)
            answer = await connection.exchange(message, ends - loop.time())
            usable = connection.is_available()
        except FAILURES as cause:
            return failure_of(cause)
        else:
            return answer
        finally:
            self._give_back(pool, connection, usable=usable)

    async def _place(
        self, pool: AsyncPool, loop: asyncio.AbstractEventLoop, timeout: float
    ) -> Place[AsyncConnection]:
        """Return a place in the pool, granted unless the time was over first."""
        for connection in pool.expired(time.monotonic()):
            connection.abort()
        place = pool.take()
        if place.granted:
            return place
        woken: asyncio.Future[None] = loop.create_future()
        place.wake = partial(_wake, woken)
        timer = loop.call_later(timeout, place.wake)
        try:
            await woken
        except BaseException:
            if place.granted:  # in the moment of the cancellation
                self._give_back(pool, place.connection, usable=place.connection is not None)
            place.given_up = True
            raise
        finally:
            timer.cancel()
        place.given_up = not place.granted
        return place

    def _connection(self, place: Place[AsyncConnection]) -> AsyncConnection:
        connection = place.connection
        if connection is not None and connection.has_expired():
            connection.abort()
            connection = None
        return connection or AsyncConnection(self._address.origin, self._ssl_context)

    def _give_back(
        self, pool: AsyncPool, connection: Optional[AsyncConnection], *, usable: bool
    ) -> None:
        keep = connection if usable and not self._closed else None
        if connection is not None and keep is None:
            connection.abort()
        woken = pool.give_back(keep, time.monotonic())
        if woken is not None and woken.wake is not None:
            woken.wake()

    def _pool_for(self, loop: asyncio.AbstractEventLoop) -> AsyncPool:
        """Return the pool of this loop, after leaving those of a parent process or ended loops."""
        forked = os.getpid() != self._process
        for other, pool in list(self._pools.items()):
            if forked or other.is_closed():
                for connection in pool.clear():
                    connection.abort()
                del self._pools[other]
        if forked:
            self._reset()
        return self._pools.setdefault(loop, Pool(MOST_CONNECTIONS, KEEPALIVE))

    @property
    def is_open(self) -> bool:
        """Return whether a connection is open."""
        return any(pool.open for pool in self._pools.values())

    def abort(self) -> None:
        """Close the idle connections now, and those in use when they are given back."""
        self._closed = True
        for pool in list(self._pools.values()):
            for connection in pool.clear():
                connection.abort()

    async def close(self) -> None:
        """Close the connections."""
        self.abort()


def _wake(waiter: asyncio.Future[None]) -> None:
    if not waiter.done():
        waiter.set_result(None)
