"""Sockets under one deadline, for httpcore's asynchronous connections, on asyncio alone.

The event loop's own socket operations are used, not its transports: a plain socket can be closed at
any time, also when its loop is gone, as after a second `asyncio.run`.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
import ssl
from typing import Any, Callable, Iterable, List, Optional, Type, TypeVar

import httpcore

from memoryos._transport.sockets import MAX_READ_BYTES, Deadline, is_readable

T = TypeVar("T")


class Stream(httpcore.AsyncNetworkStream):
    """A connected socket.

    What is written is held until the next read, so that a request's head and body leave together.
    """

    def __init__(self, sock: socket.socket, deadline: Deadline) -> None:
        self._socket = sock
        self._deadline = deadline
        self._held: List[bytes] = []
        self._expired = False

    async def read(self, max_bytes: int, timeout: Optional[float] = None) -> bytes:
        loop = asyncio.get_running_loop()
        if self._held:
            await self.flush()
        try:
            data = await loop.sock_recv(self._socket, max(max_bytes, MAX_READ_BYTES))
        except OSError as cause:
            raise self._error(httpcore.ReadTimeout, httpcore.ReadError, cause) from cause
        if not data and self._expired:
            raise httpcore.ReadTimeout("the time for the answer is over")
        return data

    async def write(self, buffer: bytes, timeout: Optional[float] = None) -> None:
        self._held.append(buffer)

    async def flush(self) -> None:
        """Send what is held."""
        data = b"".join(self._held)
        self._held.clear()
        try:
            await asyncio.get_running_loop().sock_sendall(self._socket, data)
        except OSError as cause:
            if self._expired:
                raise httpcore.WriteTimeout("the time for the request is over") from cause
            # See the synchronous stream: the read that follows finds an answer, or fails.

    def expire(self) -> None:
        """Cancel the running operation: the deadline has passed."""
        self._expired = True
        # Not closed, since its loop may wait for it. What is reset already wakes it by itself.
        with contextlib.suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)

    def _error(
        self, timeout_class: Type[Exception], error_class: Type[Exception], cause: Exception
    ) -> Exception:
        if self._expired:
            return timeout_class("the time for the attempt is over")
        return error_class(str(cause))

    async def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: Optional[str] = None,
        timeout: Optional[float] = None,
    ) -> httpcore.AsyncNetworkStream:
        try:
            secured = TLSStream(self, ssl_context, server_hostname)
            await secured.handshake()
        except (OSError, ValueError) as cause:  # the latter for a name that TLS refuses
            self.abort()
            raise self._error(httpcore.ConnectTimeout, httpcore.ConnectError, cause) from cause
        except httpcore.ReadTimeout as cause:
            self.abort()
            raise httpcore.ConnectTimeout("the time for the TLS handshake is over") from cause
        except BaseException:
            self.abort()
            raise
        return secured

    def abort(self) -> None:
        """Close the socket, at once and from anywhere."""
        self._socket.close()

    async def aclose(self) -> None:
        self.abort()

    def get_extra_info(self, info: str) -> Any:
        return is_readable(self._socket) if info == "is_readable" else None


class TLSStream(httpcore.AsyncNetworkStream):
    """TLS over a connected socket, by the standard library's SSLObject."""

    def __init__(
        self, stream: Stream, ssl_context: ssl.SSLContext, server_hostname: Optional[str]
    ) -> None:
        self._stream = stream
        self._incoming = ssl.MemoryBIO()
        self._outgoing = ssl.MemoryBIO()
        self._ssl = ssl_context.wrap_bio(
            self._incoming, self._outgoing, server_hostname=server_hostname
        )

    async def handshake(self) -> None:
        """Agree on the keys, and verify the certificate."""
        await self._drive(self._ssl.do_handshake)

    async def read(self, max_bytes: int, timeout: Optional[float] = None) -> bytes:
        try:
            return await self._drive(lambda: self._ssl.read(max(max_bytes, MAX_READ_BYTES)))
        except ssl.SSLZeroReturnError:
            return b""
        except ssl.SSLError as cause:
            raise httpcore.ReadError(str(cause)) from cause

    async def write(self, buffer: bytes, timeout: Optional[float] = None) -> None:
        if buffer:  # to write nothing is an error before Python 3.10
            self._ssl.write(buffer)  # into memory, where there is always room
            await self._stream.write(self._outgoing.read())

    async def _drive(self, step: Callable[[], T]) -> T:
        """Repeat a step of TLS, moving bytes between it and the socket, until it is through."""
        while True:
            try:
                result = step()
            except ssl.SSLWantReadError:
                await self._send()
                data = await self._stream.read(MAX_READ_BYTES)
                if data:
                    self._incoming.write(data)
                else:
                    self._incoming.write_eof()
            else:
                await self._send()
                return result

    async def _send(self) -> None:
        if self._outgoing.pending:
            await self._stream.write(self._outgoing.read())
            await self._stream.flush()

    async def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: Optional[str] = None,
        timeout: Optional[float] = None,
    ) -> httpcore.AsyncNetworkStream:
        raise httpcore.UnsupportedProtocol("TLS in TLS is not supported")

    async def aclose(self) -> None:
        self._stream.abort()

    def get_extra_info(self, info: str) -> Any:
        if info == "ssl_object":
            return self._ssl
        is_waiting = info == "is_readable" and self._incoming.pending > 0
        return is_waiting or self._stream.get_extra_info(info)


class Backend(httpcore.AsyncNetworkBackend):
    """Connects within the deadline, and remembers the stream so that it can be cut at any time."""

    def __init__(self, deadline: Deadline) -> None:
        self._deadline = deadline
        self.stream: Optional[Stream] = None

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: Optional[float] = None,
        local_address: Optional[str] = None,
        socket_options: Optional[Iterable[Any]] = None,
    ) -> httpcore.AsyncNetworkStream:
        connecting = asyncio.ensure_future(_connect(host, port, self._deadline))
        try:
            # Not `wait_for`: before Python 3.12 it can swallow a cancellation.
            done, _pending = await asyncio.wait({connecting}, timeout=self._deadline.left())
        except BaseException:
            _abandon(connecting)
            raise
        if not done:
            _abandon(connecting)
            raise httpcore.ConnectTimeout("the time for connecting is over")
        try:
            self.stream = Stream(connecting.result(), self._deadline)
        except asyncio.TimeoutError as cause:
            raise httpcore.ConnectTimeout("the time for connecting is over") from cause
        except (OSError, UnicodeError) as cause:  # the latter for a name that IDNA refuses
            raise httpcore.ConnectError(_reason(cause)) from cause
        return self.stream


def _abandon(connecting: asyncio.Future[socket.socket]) -> None:
    """End an attempt to connect; what comes of it after all is closed."""
    connecting.add_done_callback(_discard)
    connecting.cancel()


def _discard(connecting: asyncio.Future[socket.socket]) -> None:
    if not connecting.cancelled() and connecting.exception() is None:
        connecting.result().close()


def _reason(cause: Exception) -> str:
    """Return why there is no connection, in the system's words, which asyncio replaces by others.

    So both clients say the same.
    """
    if isinstance(cause, ConnectionError) and cause.errno is not None:
        return f"[Errno {cause.errno}] {os.strerror(cause.errno)}"
    return str(cause)


async def _connect(host: str, port: int, deadline: Deadline) -> socket.socket:
    """Return a socket that is connected to the first address that answers."""
    loop = asyncio.get_running_loop()
    failure: Optional[Exception] = None
    addresses = await _addresses(loop, host, port)
    for position, (family, kind, protocol, _name, address) in enumerate(addresses):
        sock = socket.socket(family, kind, protocol)
        try:
            sock.setblocking(False)  # noqa: FBT003 - the standard library's signature
            share = deadline.share(len(addresses) - position)
            await asyncio.wait_for(loop.sock_connect(sock, address), share)
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        except (OSError, asyncio.TimeoutError) as cause:
            sock.close()
            failure = cause
        except BaseException:
            sock.close()
            raise
        else:
            return sock
    raise failure or OSError(f"{host} has no address")


async def _addresses(loop: asyncio.AbstractEventLoop, host: str, port: int) -> Any:
    try:  # a literal address needs no look-up, and so no thread
        return socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_NUMERICHOST | socket.AI_NUMERICSERV
        )
    except socket.gaierror:
        return await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
