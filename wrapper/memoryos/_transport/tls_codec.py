"""TLS without I/O: encrypts what is sent, and decrypts what is received."""

from __future__ import annotations

import ssl
from typing import List, Optional

_RECORD_BYTES = 16 * 1024
_RECORD_HEADER_BYTES = 5  # its type, the version, and the size of what follows in two bytes


class TLSCodec:
    """The TLS layer of one connection, by the standard library's SSLObject.

    Args:
        context: Verifies the peer.
        server_hostname: The name that the certificate has to be valid for.

    Attributes:
        is_closed: Whether the peer ended the encrypted stream.
        failure: The error of a record, where intact records came before it.
    """

    def __init__(self, context: ssl.SSLContext, server_hostname: str) -> None:
        self._incoming = ssl.MemoryBIO()
        self._outgoing = ssl.MemoryBIO()
        self._ssl = context.wrap_bio(
            self._incoming, self._outgoing, server_hostname=server_hostname
        )
        self.is_closed = False
        self.failure: Optional[ssl.SSLError] = None
        self._record_left = 0  # bytes of the last record that have not arrived
        self._record_header = b""  # of the last record, where only a part of it has arrived

    @property
    def can_continue(self) -> bool:
        """Whether the peer can send more, and has not yet begun to."""
        begun = self._record_left or self._record_header
        return not (self.is_closed or self.failure or begun)

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
            self._follow_records(data)
        else:
            self._incoming.write_eof()

    def _follow_records(self, data: bytes) -> None:
        """Note where the last record ends, which OpenSSL doesn't tell."""
        position, header = self._record_left, self._record_header
        while position < len(data):
            missing = _RECORD_HEADER_BYTES - len(header)
            header += data[position : position + missing]
            position += missing
            if len(header) == _RECORD_HEADER_BYTES:
                position += int.from_bytes(header[3:], "big")
                header = b""
        self._record_header = header
        self._record_left = 0 if header else position - len(data)

    def decrypt(self) -> bytes:
        """Return what the peer's records hold, as far as they are complete.

        Raises:
            OSError: A record is damaged, and the first; else `failure` has the error.
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
        except ssl.SSLError as failure:
            if not parts:
                raise
            self.failure = failure
        return parts[0] if len(parts) == 1 else b"".join(parts)
