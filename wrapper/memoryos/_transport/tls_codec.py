"""TLS without I/O: encrypts what is sent, and decrypts what is received."""

from __future__ import annotations

import ssl
from typing import List

_RECORD_BYTES = 16 * 1024


class TLSCodec:
    """The TLS layer of one connection, by the standard library's SSLObject.

    Args:
        context: Verifies the peer.
        server_hostname: The name that the certificate has to be valid for.

    Attributes:
        is_closed: Whether the peer ended the encrypted stream.
    """

    def __init__(self, context: ssl.SSLContext, server_hostname: str) -> None:
        self._incoming = ssl.MemoryBIO()
        self._outgoing = ssl.MemoryBIO()
        self._ssl = context.wrap_bio(
            self._incoming, self._outgoing, server_hostname=server_hostname
        )
        self.is_closed = False

    def handshake(self) -> bool:
        """Go on with the handshake; return whether it is complete.

        Raises:
            OSError: The peer can't be verified, or doesn't speak TLS.
        """
        try:
            self._ssl.do_handshake()
        except ssl.SSLWantReadError:
            return False
        return True

    def to_send(self) -> bytes:
        """Return, and forget, what has to be sent."""
        return self._outgoing.read() if self._outgoing.pending else b""

    def encrypt(self, data: bytes) -> bytes:
        """Return data as it has to be sent."""
        view = memoryview(data)
        while view:
            view = view[self._ssl.write(view) :]
        return self._outgoing.read()

    def received(self, data: bytes) -> None:
        """Take what the peer sent; nothing where it closed the connection."""
        if data:
            self._incoming.write(data)
        else:
            self._incoming.write_eof()

    def decrypt(self) -> bytes:
        """Return what the peer's records hold, as far as they are complete.

        Raises:
            OSError: A record is damaged.
        """
        parts: List[bytes] = []
        try:
            while True:
                part = self._ssl.read(_RECORD_BYTES)
                if not part:
                    self.is_closed = True
                    break
                parts.append(part)
                if not self._incoming.pending and not self._ssl.pending():
                    break
        except ssl.SSLWantReadError:
            pass
        except (ssl.SSLZeroReturnError, ssl.SSLEOFError):
            self.is_closed = True
        return parts[0] if len(parts) == 1 else b"".join(parts)
