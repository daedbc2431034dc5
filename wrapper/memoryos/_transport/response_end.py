"""Find the end of an HTTP/1.1 response, to notice bytes that the service sent after it.

httpcore would read such bytes as the response to the next request on the connection, and has no
public way to see them.
"""

from __future__ import annotations

import re
from typing import Iterable, Tuple

MAX_HEAD_BYTES = 256 * 1024
"""Limit of a response's head, with all informational responses before it."""

_MAX_LINE_BYTES = 64 * 1024  # of a chunk's size with its extensions, or of a trailer field
_END_OF_HEAD = re.compile(rb"\n\r?\n")
_WITHOUT_BODY = frozenset({204, 304})

Headers = Iterable[Tuple[bytes, bytes]]


class HeadTooLargeError(ConnectionError):
    """The head of a response, or the number of informational responses, exceeds the limit."""

    def __init__(self) -> None:
        super().__init__(f"the head of the response is larger than {MAX_HEAD_BYTES} bytes")


class ResponseEnd:
    """Follows the bytes of one response.

    It doesn't check them: httpcore does that.

    Args:
        method: The method of the request.
    """

    def __init__(self, method: bytes) -> None:
        self._method = method
        self._head = bytearray()
        self._in_head = True
        self._is_chunked = False
        self._in_trailer = False
        self._left = 0  # bytes of the body, or of a chunk and the CRLF after it
        self._line = b""
        self._is_over = False
        self._is_exact = True  # no byte came after the end, and the end is known

    @property
    def in_head(self) -> bool:
        """Whether the head is not yet complete."""
        return self._in_head

    @property
    def is_exact(self) -> bool:
        """Whether the response is complete, and no byte came after it."""
        return self._is_over and self._is_exact

    def feed(self, data: bytes) -> None:
        """Take the next bytes from the connection.

        Raises:
            HeadTooLargeError: The head has no end.
        """
        if not self._in_head:
            self._feed_body(data)
            return
        self._head += data
        if len(self._head) > MAX_HEAD_BYTES:
            raise HeadTooLargeError

    def end_head(self, status: int, headers: Headers) -> None:
        """Take the status and the headers, when httpcore has read them."""
        self._in_head = False
        body = self._after_head()
        lengths = [value for name, value in headers if name.lower() == b"content-length"]
        self._is_chunked = any(name.lower() == b"transfer-encoding" for name, _ in headers)
        if self._method == b"HEAD" or status in _WITHOUT_BODY:
            self._is_chunked = False
        elif lengths and not self._is_chunked and lengths[0].strip().isdigit():
            self._left = int(lengths[0])
        elif lengths or not self._is_chunked:  # ambiguous, or until the connection is closed
            self._is_exact = False
        self._is_over = not self._left and not self._is_chunked
        self._feed_body(body)

    def _after_head(self) -> bytes:
        """Return what follows the head, after skipping informational responses."""
        start, head = 0, bytes(self._head)
        self._head.clear()
        while True:
            found = _END_OF_HEAD.search(head, start)
            if found is None:
                self._is_exact = False
                return b""
            status = head[start : found.start()].split(None, 2)[1:2]
            start = found.end()
            if not status or not status[0].startswith(b"1") or status[0] == b"101":
                return head[start:]

    def _feed_body(self, data: bytes) -> None:
        position = 0
        while position < len(data) and self._is_exact:
            if self._is_over:
                self._is_exact = False
            elif self._left:
                taken = min(self._left, len(data) - position)
                self._left -= taken
                position += taken
                self._is_over = not self._left and not self._is_chunked
            else:
                position = self._feed_line(data, position)

    def _feed_line(self, data: bytes, position: int) -> int:
        """Read a chunk's size, or a line of the trailer; return the position after it."""
        end = data.find(b"\n", position)
        if end < 0:
            self._line += data[position:]
            self._is_exact = len(self._line) <= _MAX_LINE_BYTES
            return len(data)
        line = (self._line + data[position:end]).strip()
        self._line = b""
        if self._in_trailer:
            self._is_over = not line
        else:
            self._read_size(line)
        return end + 1

    def _read_size(self, line: bytes) -> None:
        try:
            size = int(line.partition(b";")[0], 16)
        except ValueError:
            self._is_exact = False
            return
        self._in_trailer = size == 0
        self._left = size + 2 if size > 0 else 0
