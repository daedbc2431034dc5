"""Read the response to one request from bytes, without I/O and within bounds."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Dict, Iterator, List, Optional, Tuple

from memoryos._protocol.responses import HTTPResponse
from memoryos._transport.response_body import MAX_BODY_BYTES, BodyReader

from .chunked import MAX_OVERHEAD_BYTES, ChunkedDecoder
from .errors import IncompleteResponseError, InvalidMessageError
from .framing import BodyKind, Framing, framing_of
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

    Attributes:
        is_complete: Whether the response is there, or nothing more of it is of use.
        has_work: Whether received bytes wait to be decoded. `feed` and `work` do a bounded amount
            of work, so that an event loop gets a turn in between.
        can_reuse: Whether the connection can carry another request.
    """

    __slots__ = (
        "_body",
        "_chunks",
        "_engine",
        "_framing",
        "_informational",
        "_left",
        "_method",
        "_raw_bytes",
        "_received",
        "_steps",
        "can_reuse",
        "has_work",
        "headers",
        "is_complete",
        "status",
    )

    def __init__(self, method: str, engine: Engine) -> None:
        self.is_complete = False
        self.has_work = False
        self.can_reuse = False
        self.status = 0
        self.headers: Dict[str, str] = {}
        self._method = method
        self._engine = engine
        self._received = b""
        self._informational = 0
        self._framing: Optional[Framing] = None
        self._left = 0
        self._raw_bytes = 0
        self._steps: Optional[Iterator[None]] = None
        self._chunks: Optional[ChunkedDecoder] = None
        self._body = _NO_BODY

    def feed(self, data: bytes) -> None:
        """Take the bytes of a read.

        Raises:
            InvalidMessageError: They are not one unambiguous response.
        """
        if self._framing is None:
            data = self._read_head(data)
            if self._framing is None:
                return
        self._raw_bytes += len(data)
        if self._framing.kind is BodyKind.LENGTH:
            self._feed_length(data)
        elif self._framing.kind is BodyKind.CHUNKED:
            self._feed_chunks(data)
        else:
            self._decode(data)

    def feed_eof(self) -> None:
        """Note that the peer closed the connection.

        Raises:
            IncompleteResponseError: The response is not complete.
        """
        if self._framing is None:
            raise IncompleteResponseError("the connection was closed before a response arrived")
        if self._framing.kind is not BodyKind.UNTIL_CLOSE:
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
        content = self._body.content()
        return HTTPResponse(self.status, self.headers, content, self._body.defect)

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
                self._start(self._engine.parse(raw))
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

    def _start(self, head: ResponseHead) -> None:
        framing = framing_of(head, self._method)
        self.status = head.status
        self.headers = headers_of(head.headers)
        self._framing = framing
        self._left = framing.length
        self._body = BodyReader(self.headers)
        if framing.kind is BodyKind.CHUNKED:
            self._chunks = ChunkedDecoder()
        if self._body.defect is not None:
            self.is_complete = True

    def _feed_length(self, data: bytes) -> None:
        left = self._left
        part = data if len(data) <= left else data[:left]
        self._left = left - len(part)
        if len(data) > left:  # it belongs to no request
            self._framing = _closing(self._framing)
        if part or not self._left:
            self._decode(part)

    def _feed_chunks(self, data: bytes) -> None:
        chunks = self._chunks
        assert chunks is not None
        pieces = chunks.decode(data)
        if self._raw_bytes > MAX_BODY_BYTES + MAX_OVERHEAD_BYTES:
            raise InvalidMessageError(f"its body is larger than {MAX_BODY_BYTES} bytes")
        if chunks.is_complete and chunks.rest:
            self._framing = _closing(self._framing)
        self._decode(pieces[0] if len(pieces) == 1 else b"".join(pieces))

    def _decode(self, part: bytes) -> None:
        self._steps = self._body.steps(part)
        self._step()

    def _step(self) -> None:
        """Decode some of a part; at its end, look whether it was the last."""
        assert self._steps is not None
        for _ in self._steps:
            self.has_work = True
            return
        self._steps = None
        chunks = self._chunks
        if self._body.defect is not None:
            self.is_complete = True
        elif chunks is not None:
            self.is_complete = chunks.is_complete
        else:
            framing = self._framing
            assert framing is not None
            self.is_complete = framing.kind is BodyKind.LENGTH and not self._left
        self.has_work = not self.is_complete and chunks is not None and not chunks.needs_data
        if self.is_complete and self._framing is not None:
            self.can_reuse = self._framing.keep_alive and self._body.defect is None


_NO_BODY = BodyReader({})
_ASCII_1 = ord("1")


def _closing(framing: Optional[Framing]) -> Framing:
    assert framing is not None
    return Framing(framing.kind, framing.length, keep_alive=False)


def headers_of(received: List[Tuple[str, str]]) -> Dict[str, str]:
    """Return headers by name; the first where a name repeats, but all content codings."""
    headers: Dict[str, str] = {}
    for name, value in received:
        if name == "content-encoding" and name in headers:
            headers[name] += f", {value}"
        else:
            headers.setdefault(name, value)
    return headers
