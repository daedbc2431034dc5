"""Sockets under one deadline, for httpcore's connections.

httpcore bounds each read and each write; a server that drips its answer stretches such a limit at
will. Here every operation looks at the time that is left of the whole attempt.
"""

from __future__ import annotations

import socket
import ssl
from typing import Any, Iterable, List, Optional, Union

import httpcore

from memoryos._transport.sockets import MAX_READ_BYTES, Deadline, is_readable


class Stream(httpcore.NetworkStream):
    """A connected socket.

    What is written is held until the next read, so that a request's head and body leave together.
    """

    def __init__(self, sock: socket.socket, deadline: Deadline) -> None:
        self._socket: Union[socket.socket, ssl.SSLSocket] = sock
        self._deadline = deadline
        self._held: List[bytes] = []

    def read(self, max_bytes: int, timeout: Optional[float] = None) -> bytes:
        if self._held:
            self._flush()
        try:
            self._socket.settimeout(_positive(self._deadline, httpcore.ReadTimeout))
            return self._socket.recv(max(max_bytes, MAX_READ_BYTES))
        except socket.timeout as cause:
            raise httpcore.ReadTimeout("the time for the answer is over") from cause
        except OSError as cause:
            raise httpcore.ReadError(str(cause)) from cause

    def write(self, buffer: bytes, timeout: Optional[float] = None) -> None:
        self._held.append(buffer)

    def _flush(self) -> None:
        rest = memoryview(b"".join(self._held))
        self._held.clear()
        try:
            while rest:
                self._socket.settimeout(_positive(self._deadline, httpcore.WriteTimeout))
                rest = rest[self._socket.send(rest) :]
        except socket.timeout as cause:
            raise httpcore.WriteTimeout("the time for the request is over") from cause
        except OSError:
            # A service may refuse a body before it has read it whole, and hang up: its answer, if
            # there is one, is what counts. The read that follows finds it, or fails.
            return

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: Optional[str] = None,
        timeout: Optional[float] = None,
    ) -> httpcore.NetworkStream:
        try:
            self._socket.settimeout(_positive(self._deadline, httpcore.ConnectTimeout))
            # The handshake is a step of its own, so that an interrupt of it closes the socket too.
            self._socket = secured = ssl_context.wrap_socket(
                self._socket, server_hostname=server_hostname, do_handshake_on_connect=False
            )
            secured.do_handshake()
        except socket.timeout as cause:
            self.close()
            raise httpcore.ConnectTimeout("the time for the TLS handshake is over") from cause
        except (OSError, ValueError) as cause:  # the latter for a name that TLS refuses
            self.close()
            raise httpcore.ConnectError(str(cause)) from cause
        except BaseException:
            self.close()
            raise
        return self

    def close(self) -> None:
        self._socket.close()

    def get_extra_info(self, info: str) -> Any:
        if info == "is_readable":
            return is_readable(self._socket)
        if info == "ssl_object" and isinstance(self._socket, ssl.SSLSocket):
            return self._socket
        return None


class Backend(httpcore.NetworkBackend):
    """Connects within the deadline, and remembers the socket so that it can be cut at any time."""

    def __init__(self, deadline: Deadline) -> None:
        self._deadline = deadline

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: Optional[float] = None,
        local_address: Optional[str] = None,
        socket_options: Optional[Iterable[Any]] = None,
    ) -> httpcore.NetworkStream:
        try:
            addresses = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except (OSError, UnicodeError) as cause:  # the latter for a name that IDNA refuses
            raise httpcore.ConnectError(str(cause)) from cause
        failure: Optional[OSError] = None
        for position, (family, kind, protocol, _name, address) in enumerate(addresses):
            sock = socket.socket(family, kind, protocol)
            try:
                _positive(self._deadline, httpcore.ConnectTimeout)
                sock.settimeout(self._deadline.share(len(addresses) - position))
                sock.connect(address)
                sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            except OSError as cause:
                sock.close()
                failure = cause
            except BaseException:
                sock.close()
                raise
            else:
                return Stream(sock, self._deadline)
        if isinstance(failure, socket.timeout):
            raise httpcore.ConnectTimeout("the time for connecting is over") from failure
        raise httpcore.ConnectError(str(failure)) from failure


def _positive(deadline: Deadline, timeout_class: Any) -> Optional[float]:
    left = deadline.left()
    if left is not None and left <= 0:
        raise timeout_class("the time for the attempt is over")
    return left
