"""The transport of the synchronous client: connections to one address."""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING, Dict, Optional, Union

from memoryos._protocol.secret import Secret
from memoryos._transport.failures import (
    FAILURES,
    AttemptTimeoutError,
    busy,
    failure_of,
    handshake_failures,
)
from memoryos._transport.http1.engine import ENGINE
from memoryos._transport.http1.request_writer import RequestWriter
from memoryos._transport.http1.response_reader import ResponseReader
from memoryos._transport.pool import KEEPALIVE_SECONDS, MAX_CONNECTIONS, Slot
from memoryos._transport.receivers import EncryptedResponse, TLSHandshake
from memoryos._transport.shared_pool import SharedPool
from memoryos._transport.sockets import MAX_READ_BYTES, Outbox, SocketWaiter
from memoryos._transport.tls_codec import TLSCodec
from memoryos._transport.tracebacks import clear_frames, current_exception

from .network import connect

if TYPE_CHECKING:
    import socket
    import ssl

    from memoryos._protocol.requests import Request
    from memoryos._protocol.responses import HTTPResponse
    from memoryos._protocol.retries import Failure
    from memoryos._transport.receivers import Receiver


class Connection:
    """A connection, which carries one request at a time.

    Args:
        sock: A connected, non-blocking socket.
    """

    def __init__(self, sock: socket.socket) -> None:
        self._socket = sock
        self._waiter = SocketWaiter(sock)
        self._tls: Optional[TLSCodec] = None
        self._outbox = Outbox(sock)
        self._has_ended = False

    @classmethod
    def open(
        cls, writer: RequestWriter, context: Optional[ssl.SSLContext], deadline: float
    ) -> Connection:
        """Return a new connection to the address of a writer.

        Raises:
            ConnectError: There is no connection, or the peer can't be verified.
        """
        connection = cls(connect(writer.host, writer.port, deadline))
        if context is not None:
            try:
                connection._start_tls(context, writer.host, deadline)
            except BaseException:
                connection.close()
                raise
        return connection

    def exchange(self, data: bytes, reader: ResponseReader, deadline: float) -> bool:
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
        self._transfer(data, receiver, deadline)
        # A peer may respond before it has the whole request.
        return receiver.can_reuse and not (self._outbox.unsent or self._outbox.is_broken)

    def _start_tls(self, context: ssl.SSLContext, host: str, deadline: float) -> None:
        with handshake_failures():
            self._tls = TLSCodec(context, host)
            handshake = TLSHandshake(self._tls)
            handshake.feed(b"")
            self._transfer(handshake.to_send(), handshake, deadline)

    def _transfer(self, data: bytes, receiver: Receiver, deadline: float) -> None:
        """Send data, and receive until the receiver is complete."""
        self._outbox.send(data)
        while not receiver.is_complete:
            left = _time_left(deadline)
            if receiver.has_work:
                receiver.work()
            elif self._has_ended:
                receiver.feed_eof()
            elif self._waiter.wait(left, to_send=bool(self._outbox.unsent)):
                if self._outbox.unsent:
                    self._outbox.flush()
                self._receive(receiver)

    def _receive(self, receiver: Receiver) -> None:
        try:
            data = self._socket.recv(MAX_READ_BYTES)
        except (BlockingIOError, InterruptedError):
            return
        if not data:
            self._has_ended = True
            return
        try:
            receiver.feed(data)
        finally:  # of a failed handshake, too: the peer is told why
            self._outbox.send(receiver.to_send())

    def has_expired(self) -> bool:
        """Return whether the peer closed the connection, or sent what was not requested."""
        return self._waiter.is_ready()

    def close(self) -> None:
        """Close the socket."""
        self._socket.close()


class DirectTransport:
    """Sends requests over connections of its own.

    Threads may share it, and a process that was forked starts with no connections.
    """

    def __init__(self, base_url: str, ssl_context: Optional[ssl.SSLContext]) -> None:
        self._writer = RequestWriter(base_url)
        self._engine = ENGINE
        self._ssl_context = ssl_context if base_url.startswith("https:") else None
        self._closed = False
        # By process: what a parent has open stays the parent's.
        self._pools: Dict[int, SharedPool[Connection]] = {}

    def send(self, request: Request, timeout: float) -> Union[HTTPResponse, Failure]:
        """Send `request`, and wait at most `timeout` seconds for its whole response."""
        outer = current_exception()
        deadline = time.monotonic() + timeout
        pool = self._pools.get(os.getpid()) or self._pool_of_this_process()
        slot: Slot[Connection] = Slot()
        usable = False
        try:
            # The bytes hold the key, and tracebacks may show the variables of this frame.
            data = Secret(self._writer.write(request))
            if not pool.take(slot, deadline):
                return busy(MAX_CONNECTIONS)
            reader = ResponseReader(request.method, self._engine)
            usable = self._connection(slot, deadline).exchange(data.reveal(), reader, deadline)
            return reader.response()
        except FAILURES as cause:
            return failure_of(clear_frames(cause, outer))
        except BaseException as interruption:
            clear_frames(interruption, outer)
            raise
        finally:
            pool.give_back(slot, usable=usable)

    def _connection(self, slot: Slot[Connection], deadline: float) -> Connection:
        """Return the connection of a slot, or a new one where it has none that is still good."""
        connection = slot.connection
        if connection is not None:
            if not connection.has_expired():
                return connection
            connection.close()
            slot.connection = None
        slot.connection = Connection.open(self._writer, self._ssl_context, deadline)
        return slot.connection

    def _pool_of_this_process(self) -> SharedPool[Connection]:
        process = os.getpid()
        for other in [other for other in list(self._pools) if other != process]:
            inherited = self._pools.pop(other, None)
            if inherited is not None:
                inherited.abandon()
        # `setdefault` is atomic: threads that come here at once get the same one.
        pool = self._pools.setdefault(process, SharedPool(MAX_CONNECTIONS, KEEPALIVE_SECONDS))
        if self._closed:
            pool.close()
        return pool

    @property
    def is_open(self) -> bool:
        """Return whether a connection of this process is open."""
        pool = self._pools.get(os.getpid())
        return pool is not None and pool.open > 0

    def abort(self) -> None:
        """The same as `close`, which never waits."""
        self.close()

    def close(self) -> None:
        """Close the idle connections now, and those in use when they are given back."""
        self._closed = True
        for process, pool in list(self._pools.items()):
            if process == os.getpid():
                pool.close()
            else:
                pool.abandon()


def _time_left(deadline: float) -> float:
    """Return the seconds that are left.

    Raises:
        AttemptTimeoutError: None are.
    """
    left = deadline - time.monotonic()
    if left <= 0:
        raise AttemptTimeoutError("the time for the attempt is over")
    return left
