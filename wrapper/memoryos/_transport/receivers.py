"""What a connection does with the bytes that arrive, without I/O."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .http1.errors import IncompleteResponseError

if TYPE_CHECKING:
    from typing_extensions import Protocol

    from .http1.response_reader import ResponseReader
    from .tls_codec import TLSCodec

    class Receiver(Protocol):
        """Takes the bytes of a connection until it is complete."""

        @property
        def is_complete(self) -> bool:
            """Whether it needs nothing more."""
            ...

        @property
        def has_work(self) -> bool:
            """Whether `work` has to be called before the next bytes are taken."""
            ...

        def feed(self, data: bytes) -> None:
            """Take bytes."""

        def feed_eof(self) -> None:
            """Note that the peer closed the connection."""

        def work(self) -> None:
            """Go on with bytes taken before."""

        def to_send(self) -> bytes:
            """Return what has to be sent now."""
            ...


class TLSHandshake:
    """Agrees on keys, and verifies the peer."""

    has_work = False

    def __init__(self, tls: TLSCodec) -> None:
        self.is_complete = False
        self._tls = tls

    def feed(self, data: bytes) -> None:
        """Take bytes of the peer; none to begin.

        Raises:
            OSError: The peer can't be verified, or doesn't speak TLS.
        """
        if data:
            self._tls.received(data)
        self.is_complete = self._tls.handshake()

    def feed_eof(self) -> None:
        """Note that the peer closed the connection.

        Raises:
            OSError: Always.
        """
        self._tls.received(b"")
        self._tls.handshake()
        raise IncompleteResponseError("the connection was closed during the TLS handshake")

    def work(self) -> None:
        """Do nothing: `feed` does all."""

    def to_send(self) -> bytes:
        """Return what has to be sent now."""
        return self._tls.to_send()


class EncryptedResponse:
    """Decrypts the response to one request."""

    def __init__(self, tls: TLSCodec, reader: ResponseReader) -> None:
        self._tls = tls
        self._reader = reader

    @property
    def is_complete(self) -> bool:
        """Whether the response is complete."""
        return self._reader.is_complete

    @property
    def has_work(self) -> bool:
        """Whether received bytes wait to be decoded."""
        return self._reader.has_work

    @property
    def can_reuse(self) -> bool:
        """Whether the connection can carry another request."""
        return self._reader.can_reuse and self._tls.can_continue

    def feed(self, data: bytes) -> None:
        """Take bytes of the peer.

        Raises:
            OSError: They are not TLS.
            InvalidMessageError: They are not one unambiguous response.
        """
        self._tls.received(data)
        decrypted = self._tls.decrypt()
        if decrypted:
            self._reader.feed(decrypted)
        self._look_at_end()

    def feed_eof(self) -> None:
        """Note that the peer closed the connection.

        Raises:
            IncompleteResponseError: The response is not complete.
        """
        self._reader.feed_eof()

    def work(self) -> None:
        """Go on decoding what has been received.

        Raises: as for `feed`.
        """
        self._reader.work()
        self._look_at_end()

    def to_send(self) -> bytes:
        """Return what has to be sent now: the response to a key update."""
        return self._tls.to_send()

    def _look_at_end(self) -> None:
        """Fail, or note the end of the stream, unless the response was complete before."""
        if self._reader.is_complete or self._reader.has_work:
            return
        if self._tls.failure is not None:
            raise self._tls.failure
        if self._tls.is_closed:
            self._reader.feed_eof()
