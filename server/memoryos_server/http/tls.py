"""TLS between a transport and a connection.

asyncio's own TLS would tell the connection of a client only after its handshake, so that clients in
handshakes would not count for the limit of connections; it can't close one half of a connection,
and doesn't tell how much is still to be written.
"""

from __future__ import annotations

import asyncio
import logging
import ssl
from contextlib import suppress
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Generator

    from .connection import Connection

__all__ = ["TLSProtocol"]

_READ_BYTES = 65_536

_logger = logging.getLogger("memoryos_server.tls")


class TLSProtocol(asyncio.Protocol):
    """Decrypts what a client sends to a connection.

    The connection begins before the handshake, so that its time limits include that.

    Args:
        connection: The connection, which sees a transport without TLS.
        context: The context of the server.
    """

    _transport: _TLSTransport

    def __init__(self, connection: Connection, context: ssl.SSLContext) -> None:
        self._connection = connection
        self._context = context
        self._received_close = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Start the connection."""
        assert isinstance(transport, asyncio.Transport)
        self._transport = _TLSTransport(transport, self._context)
        self._connection.connection_made(self._transport)

    def connection_lost(self, exc: Exception | None) -> None:
        """End the connection."""
        self._connection.connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Pass decrypted data to the connection."""
        if self._transport.has_sent_close:  # the connection only counts it
            self._connection.data_received(data)
            return
        try:
            for decrypted in self._transport.decrypt(data):
                self._pass_on(decrypted)
        except ssl.SSLError as error:
            self._fail(error, data)

    def eof_received(self) -> bool:
        """Return whether to keep the connection open, because requests are to be answered."""
        return self._received_close or self._connection.eof_received()

    def pause_writing(self) -> None:
        """Make the connection wait for the client to read."""
        self._connection.pause_writing()

    def resume_writing(self) -> None:
        """Let the connection write again."""
        self._connection.resume_writing()

    def _pass_on(self, decrypted: bytes) -> None:
        if decrypted:
            self._connection.data_received(decrypted)
        elif not self._received_close:
            self._received_close = True
            if not self._connection.eof_received():
                self._connection.transport.close()

    def _fail(self, error: ssl.SSLError, data: bytes) -> None:
        _logger.debug("A TLS connection has failed: %s", error.reason or error)
        if error.reason == "HTTP_REQUEST":
            self._transport.stop_encrypting()
            self._connection.reject_unencrypted(data)
        else:
            self._transport.has_sent_close = True  # the alert is the last that the client gets
            self._connection.transport.close()


class _TLSTransport(asyncio.Transport):
    """Transport that encrypts what is written to another transport."""

    def __init__(self, transport: asyncio.Transport, context: ssl.SSLContext) -> None:
        super().__init__()
        self._transport = transport
        self._context = context
        self._received, self._to_send = ssl.MemoryBIO(), ssl.MemoryBIO()
        self._tls = context.wrap_bio(self._received, self._to_send, server_side=True)
        self._is_established = False
        self._encrypts = True
        self.has_sent_close = False

    def decrypt(self, data: bytes) -> Generator[bytes, None, None]:
        """Yield decrypted data; an empty part if the client sends nothing more.

        Raises:
            ssl.SSLError: The handshake failed, or the data is not what the client encrypted.
        """
        self._received.write(data)
        try:
            if not self._is_established:
                self._tls.do_handshake()
                self._is_established = True
            while not self.has_sent_close:
                part = self._tls.read(_READ_BYTES)
                yield part
                if not part:
                    return
        except ssl.SSLWantReadError:
            pass
        finally:
            self._send()

    def stop_encrypting(self) -> None:
        """Write unencrypted from now on: the client doesn't speak TLS."""
        self._encrypts = False
        self.has_sent_close = True

    def write(self, data: bytes | bytearray | memoryview) -> None:
        """Encrypt and write data."""
        if not self._encrypts:
            self._transport.write(data)
            return
        rest = memoryview(data)
        try:
            while rest:
                rest = rest[self._tls.write(rest) :]
        except ssl.SSLError:  # the connection has failed
            self.abort()
            return
        self._send()

    def can_write_eof(self) -> bool:
        """Return True: one half of a connection can be closed."""
        return True

    def write_eof(self) -> None:
        """Close the sending half."""
        self._send_close()
        self._transport.write_eof()

    def close(self) -> None:
        """Send what is left in the buffer, and close the connection."""
        self._send_close()
        self._transport.close()

    def abort(self) -> None:
        """Close the connection at once."""
        self._transport.abort()

    def is_closing(self) -> bool:
        """Return whether the connection is closing or closed."""
        return self._transport.is_closing()

    def get_write_buffer_size(self) -> int:
        """Return how many encrypted bytes are still to be written."""
        return self._transport.get_write_buffer_size()

    def pause_reading(self) -> None:
        """Stop receiving data."""
        self._transport.pause_reading()

    def resume_reading(self) -> None:
        """Receive data again."""
        self._transport.resume_reading()

    def get_extra_info(self, name: str, default: Any = None) -> Any:
        """Return information about the connection."""
        if name == "sslcontext":
            return self._context
        return self._transport.get_extra_info(name, default)

    def _send_close(self) -> None:
        if not self.has_sent_close:
            self.has_sent_close = True
            # The client's answer isn't waited for; there is none before the handshake.
            with suppress(ssl.SSLError):
                self._tls.unwrap()
            self._send()

    def _send(self) -> None:
        if data := self._to_send.read():
            self._transport.write(data)
