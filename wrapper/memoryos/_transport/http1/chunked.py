"""Decode the chunked transfer coding (RFC 9112, section 7.1).

Strict, since h11 and httptools each accept framings that the other rejects.
"""

from __future__ import annotations

import re
from typing import List

from .errors import InvalidMessageError

MAX_LINE_BYTES = 4 * 1024
"""The maximum size of a chunk's line or a trailer field."""

MAX_OVERHEAD_BYTES = 1024 * 1024
"""The maximum size of all extensions and trailer fields of a body."""

MAX_CHUNKS_AT_ONCE = 1024
"""The number of chunks after which `decode` returns, so that an event loop gets a turn."""

_TOKEN = rb"[!#$%&'*+\-.^_`|~0-9A-Za-z]+"
_QUOTED = rb'"(?:[\t \x21\x23-\x5b\x5d-\x7e]|\\[\t\x20-\x7e])*"'
_LINE = re.compile(
    rb"([0-9A-Fa-f]{1,15})(?:;" + _TOKEN + rb"(?:=(?:" + _TOKEN + rb"|" + _QUOTED + rb"))?)*"
)
_TRAILER = re.compile(_TOKEN + rb":[\t\x20-\x7e]*")


class ChunkedDecoder:
    """Decodes one body.

    Attributes:
        is_complete: Whether the last chunk and the trailer have arrived.
        rest: The bytes that are not decoded yet; once it is complete, those after the body.
        needs_data: Whether `rest` can't be decoded without more bytes.
    """

    def __init__(self) -> None:
        self.is_complete = False
        self.rest = b""
        self.needs_data = True
        self._left = 0  # bytes of the present chunk, with the CRLF at its end
        self._in_trailer = False
        self._overhead = 0

    def decode(self, data: bytes) -> List[bytes]:
        """Return the next pieces of the body.

        Args:
            data: Bytes that arrived; none to go on with `rest`.

        Raises:
            InvalidMessageError: They are not chunks.
        """
        rest = self.rest + data if self.rest else data
        pieces: List[bytes] = []
        position = 0
        self.needs_data = False
        while len(pieces) < MAX_CHUNKS_AT_ONCE and not self.is_complete:
            if self._left:
                taken = self._take(rest, position, pieces)
            else:
                taken = self._read_line(rest, position)
            if not taken:
                self.needs_data = True
                break
            position += taken
        self.rest = rest[position:]
        return pieces

    def _take(self, rest: bytes, position: int, pieces: List[bytes]) -> int:
        """Take bytes of the present chunk; return how many."""
        available = len(rest) - position
        if available >= self._left:
            end = position + self._left
            if rest[end - 2 : end] != b"\r\n":
                raise InvalidMessageError("a chunk is longer than its size")
            if self._left > 2:
                pieces.append(rest[position : end - 2])
            taken, self._left = self._left, 0
            return taken
        if self._left > 2:
            # The CRLF stays, so that it is checked as a whole.
            taken = min(available, self._left - 2)
            if taken:
                pieces.append(rest[position : position + taken])
                self._left -= taken
            return taken
        return 0

    def _read_line(self, rest: bytes, position: int) -> int:
        """Read a chunk's line, or one of the trailer; return its size, 0 if it is incomplete."""
        end = rest.find(b"\n", position, position + MAX_LINE_BYTES)
        if end < 0:
            if len(rest) - position >= MAX_LINE_BYTES:
                raise InvalidMessageError("a chunk's line is too long")
            return 0
        if rest[end - 1 : end] != b"\r" or end == position:
            raise InvalidMessageError("a chunk's line doesn't end in CRLF")
        line = rest[position : end - 1]
        if self._in_trailer:
            self._read_trailer(line)
        else:
            self._read_size(line)
        return end + 1 - position

    def _read_size(self, line: bytes) -> None:
        match = _LINE.fullmatch(line)
        if match is None:
            raise InvalidMessageError("a chunk's size is malformed")
        size = int(match[1], 16)
        self._count(len(line) - len(match[1]))
        if size:
            self._left = size + 2
        else:
            self._in_trailer = True

    def _read_trailer(self, line: bytes) -> None:
        if not line:
            self.is_complete = True
        elif _TRAILER.fullmatch(line) is None:
            raise InvalidMessageError("its trailer is malformed")
        self._count(len(line))

    def _count(self, size: int) -> None:
        self._overhead += size
        if self._overhead > MAX_OVERHEAD_BYTES:
            raise InvalidMessageError("its chunk extensions or its trailer are too large")
