"""Read the response to one request from bytes, without I/O and within bounds."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Iterator, Optional

from memoryos._protocol.responses import HTTPResponse
from memoryos._transport.response_body import MAX_BODY_BYTES, BodyReader

from .chunked import MAX_OVERHEAD_BYTES, ChunkedDecoder
from .errors import IncompleteResponseError, InvalidMessageError
from .framing import BodyKind, framing_of
from .head import END_OF_HEAD, check_beginning, check_syntax

if TYPE_CHECKING:
    from .head import Engine, ResponseHead

MAX_INFORMATIONAL_RESPONSES = 64
"""The maximum number of 1xx responses before the final one."""

_STATUS = slice(9, 12)  # of a head: HTTP/1.1 200


class ResponseReader:
    """Reads one response.

    Call `feed` with each read; while `has_work` is true, call `work` before the next read.

    Args:
        method: The method of the request.
        engine: Parses the head.
    """

    is_complete = False
    """Whether the response is there, or nothing more of it is of use."""
    has_work = False
    """Whether received bytes wait to be decoded. `feed` and `work` do a bounded amount of work, so
    that an event loop gets a turn in between."""
    can_reuse = False
    """Whether the connection can carry another request."""

    # The values before the first byte.
    _head: Optional[ResponseHead] = None
    _received = b""
    _informational = 0
    _raw_bytes = 0
    _left = 0
    _kind = BodyKind.LENGTH
    _keep_alive = False
    _content = b""
    _body: Optional[BodyReader] = None  # None for a body that came in one piece
    _chunks: Optional[ChunkedDecoder] = None
    _steps: Optional[Iterator[None]] = None

    def __init__(self, method: str, engine: Engine) -> None:
        self._method = method
        self._engine = engine

    def feed(self, data: bytes) -> None:
        """Take the bytes of a read.

        Raises:
            InvalidMessageError: They are not one unambiguous response.
        """
        if self._head is None:
            data = self._read_head(data)
            if self._head is None or self.is_complete:
                return
        if self._chunks is not None:
            self._raw_bytes += len(data)
            self._feed_chunks(data)
        elif self._kind is BodyKind.LENGTH:
            self._feed_length(data)
        else:
            self._decode(data)

    def feed_eof(self) -> None:
        """Note that the peer closed the connection.

        Raises:
            IncompleteResponseError: The response is not complete.
        """
        if self._head is None:
            raise IncompleteResponseError("the connection was closed before a response arrived")
        if self._kind is not BodyKind.UNTIL_CLOSE:
            raise IncompleteResponseError("the connection was closed during the response")
        self.is_complete = True

    def work(self) -> None:
        """Go on decoding what has been received.

        Raises:
            InvalidMessageError: It is malformed.
        """
        if self._steps is not None:
            self._step()
        if self._steps is None and self._chunks is not None and not self.is_complete:
            self._feed_chunks(b"")

    def to_send(self) -> bytes:
        """Return what has to be sent in response: nothing, without TLS."""
        return b""

    def response(self) -> HTTPResponse:
        """Return the response, once it is complete."""
        assert self._head is not None
        status, _version, headers = self._head
        if self._body is None:
            return HTTPResponse(status, headers, self._content)
        return HTTPResponse(status, headers, self._body.content(), self._body.defect)

    def _read_head(self, data: bytes) -> bytes:
        """Read heads up to that of the final response; return the bytes after it."""
        while True:
            known = len(self._received)
            received = self._received + data if known else data
            end = received.find(END_OF_HEAD, max(0, known - 3)) + len(END_OF_HEAD)
            if end < len(END_OF_HEAD):
                check_beginning(received, known)
                self._received = received
                return b""
            raw, data = received[:end], received[end:]
            self._received = b""
            check_syntax(raw)
            if raw[9] != _ASCII_1:
                self._start(self._engine.parse(raw), data)
                return data
            self._count_informational(raw)
            if not data:
                return b""

    def _count_informational(self, raw: bytes) -> None:
        if int(raw[_STATUS]) == HTTPStatus.SWITCHING_PROTOCOLS:
            raise InvalidMessageError("it switches to a protocol that was not requested")
        self._informational += 1
        if self._informational > MAX_INFORMATIONAL_RESPONSES:
            raise InvalidMessageError(f"more than {MAX_INFORMATIONAL_RESPONSES} 1xx responses")

    def _start(self, head: ResponseHead, data: bytes) -> None:
        """Begin the body, whose first bytes are given."""
        kind, length, keep_alive = framing_of(head, self._method)
        self._head = head
        self._kind = kind
        self._keep_alive = keep_alive
        is_encoded = "content-encoding" in head.headers
        if kind is BodyKind.LENGTH and len(data) == length and not is_encoded:
            self._content = data
            self.is_complete = True
            self.can_reuse = keep_alive
            return
        if kind is BodyKind.LENGTH and len(data) > length:  # what follows belongs to no request
            self._keep_alive = False
        self._left = length
        self._body = BodyReader(head.headers)
        if kind is BodyKind.CHUNKED:
            self._chunks = ChunkedDecoder()
        self._look()  # it may be too large already, or empty

    def _feed_length(self, data: bytes) -> None:
        left = self._left
        part = data if len(data) <= left else data[:left]
        self._left = left - len(part)
        if len(data) > left:  # what follows belongs to no request
            self._keep_alive = False
        self._decode(part)

    def _feed_chunks(self, data: bytes) -> None:
        chunks = self._chunks
        assert chunks is not None
        pieces = chunks.decode(data)
        if self._raw_bytes > MAX_BODY_BYTES + MAX_OVERHEAD_BYTES:
            raise InvalidMessageError(f"its body is larger than {MAX_BODY_BYTES} bytes")
        if chunks.is_complete and chunks.rest:
            self._keep_alive = False
        self._decode(pieces[0] if len(pieces) == 1 else b"".join(pieces))

    def _decode(self, part: bytes) -> None:
        assert self._body is not None
        self._steps = self._body.steps(part)
        self._step()

    def _step(self) -> None:
        """Decode some of a part."""
        assert self._steps is not None
        for _ in self._steps:
            self.has_work = True
            return
        self._steps = None
        self._look()

    def _look(self) -> None:
        """Look whether the response is complete."""
        assert self._body is not None
        if self._body.defect is not None:
            self.is_complete = True
        elif self._chunks is not None:
            self.is_complete = self._chunks.is_complete
        else:
            self.is_complete = self._kind is BodyKind.LENGTH and not self._left
        chunks = self._chunks
        self.has_work = not self.is_complete and chunks is not None and not chunks.needs_data
        if self.is_complete:
            self.can_reuse = self._keep_alive and self._body.defect is None


_ASCII_1 = ord("1")
