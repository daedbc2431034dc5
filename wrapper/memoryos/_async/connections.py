"""The transport of the asynchronous client: connections to one address, on asyncio."""

from __future__ import annotations

import asyncio
import os
import time
from functools import partial
from typing import TYPE_CHECKING, Dict, Optional, Tuple, Union

from memoryos._protocol.secret import Secret
from memoryos._transport.failures import (
    FAILURES,
    busy,
    failure_of,
    handshake_failures,
)
from memoryos._transport.http1.engine import ENGINE
from memoryos._transport.http1.request_writer import RequestWriter
from memoryos._transport.http1.response_reader import ResponseReader
from memoryos._transport.pool import KEEPALIVE_SECONDS, MAX_CONNECTIONS, Pool, Slot
from memoryos._transport.receivers import EncryptedResponse, TLSHandshake
from memoryos._transport.tls_codec import TLSCodec
from memoryos._transport.tracebacks import clear_frames, current_exception

from .network import connect
from .stream import stream_of

if TYPE_CHECKING:
    import ssl

    from memoryos._protocol.requests import Request
    from memoryos._protocol.responses import HTTPResponse
    from memoryos._protocol.retries import Failure

    from .stream import Stream


class AsyncConnection:
    """A connection, which carries one request at a time.

    Args:
        stream: Its socket.
    """

    def __init__(self, stream: Stream) -> None:
        self._stream = stream
        self._tls: Optional[TLSCodec] = None

    @classmethod
    async def open(
        cls, writer: RequestWriter, context: Optional[ssl.SSLContext], deadline: float
    ) -> AsyncConnection:
        """Return a new connection to the address of a writer.

        Raises:
            ConnectError: There is no connection, or the peer can't be verified.
        """
        sock = await connect(writer.host, writer.port, deadline)
        connection = cls(stream_of(sock, asyncio.get_running_loop()))
        if context is not None:
            try:
                await connection._start_tls(context, writer.host, deadline)
            except BaseException:
                connection.abort()
                raise
        return connection

    async def exchange(self, data: bytes, reader: ResponseReader, deadline: float) -> bool:
        """Send a request and read its response; return whether another request can follow.

        Args:
            data: The request.
            reader: Reads the response.
            deadline: When to give up, by the monotonic clock.

        Raises:
            OSError: The connection broke.
            InvalidMessageError: The response is malformed.
            AttemptTimeoutError: The time was over.
        """
        receiver: Union[ResponseReader, EncryptedResponse] = reader
        if self._tls is not None:
            data, receiver = self._tls.encrypt(data), EncryptedResponse(self._tls, reader)
        await self._stream.transfer(data, receiver, deadline)
        return receiver.can_reuse and not self._stream.is_broken

    async def _start_tls(self, context: ssl.SSLContext, host: str, deadline: float) -> None:
        with handshake_failures():
            self._tls = TLSCodec(context, host)
            handshake = TLSHandshake(self._tls)
            handshake.feed(b"")
            await self._stream.transfer(handshake.to_send(), handshake, deadline)

    def has_expired(self) -> bool:
        """Return whether the peer closed the connection, or sent what was not requested."""
        return self._stream.has_expired()

    def abort(self) -> None:
        """Close the socket, at once and from anywhere."""
        self._stream.abort()


AsyncPool = Pool[AsyncConnection]


class AsyncDirectTransport:
    """Sends requests over connections of its own.

    Each event loop has its own connections, so that a client outlives `asyncio.run`; a process that
    was forked starts with none.
    """

    def __init__(self, base_url: str, ssl_context: Optional[ssl.SSLContext]) -> None:
        self._writer = RequestWriter(base_url)
        self._engine = ENGINE
        self._ssl_context = ssl_context if base_url.startswith("https:") else None
        self._closed = False
        # By process and loop: what another one has open stays there.
        self._pools: Dict[Tuple[int, asyncio.AbstractEventLoop], AsyncPool] = {}

    async def send(self, request: Request, timeout: float) -> Union[HTTPResponse, Failure]:
        """Send `request`, and wait at most `timeout` seconds for its whole response."""
        outer = current_exception()
        deadline = time.monotonic() + timeout
        loop = asyncio.get_running_loop()
        pool = self._pools.get((os.getpid(), loop)) or self._pool_for(loop)
        slot: Slot[AsyncConnection] = Slot()
        usable = False
        try:
            # The bytes hold the key, and tracebacks may show the variables of this frame.
            data = Secret(self._writer.write(request))
            if not await self._take(pool, slot, loop, timeout):
                return busy(MAX_CONNECTIONS)
            connection = await self._connection(slot, deadline)
            reader = ResponseReader(request.method, self._engine)
            usable = await connection.exchange(data.reveal(), reader, deadline)
            return reader.response()
        except FAILURES as cause:
            return failure_of(clear_frames(cause, outer))
        except BaseException as interruption:
            clear_frames(interruption, outer)
            raise
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

    async def _connection(self, slot: Slot[AsyncConnection], deadline: float) -> AsyncConnection:
        """Return the connection of a slot, or a new one where it has none that is still good."""
        if slot.connection is not None and slot.connection.has_expired():
            slot.connection.abort()
            slot.connection = None
        if slot.connection is None:
            slot.connection = await AsyncConnection.open(self._writer, self._ssl_context, deadline)
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
