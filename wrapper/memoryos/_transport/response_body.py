"""Read the body of a response within limits, and decode it."""

from __future__ import annotations

import zlib
from itertools import chain
from typing import Dict, Iterable, Iterator, List, Mapping, Optional, Tuple, Union

MAX_BODY_BYTES = 64 * 1024 * 1024
"""Limit of a body, as received and decoded. A list of 100 memories may have 640 KB for each."""

ACCEPTED_ENCODINGS = b"gzip, deflate"
"""The codings that the SDK asks for, in the form of an Accept-Encoding header."""

MAX_ENCODINGS = 5
"""Limit of the codings that one body has passed through."""

STEP_BYTES = 256 * 1024
"""Work between two steps of `BodyReader.steps`, in bytes received and decoded."""

_MEMBER_COST_BYTES = 1024  # of the work of a step: to begin a gzip member takes as long as this
_SLICE_BYTES = 16 * 1024  # decoded at once, because zlib copies what follows the end of a member
_MAX_LENGTH_DIGITS = 15  # of a Content-Length that can be meant

_GZIP_WBITS, _ZLIB_WBITS, _RAW_WBITS = 16 + zlib.MAX_WBITS, zlib.MAX_WBITS, -zlib.MAX_WBITS
_GZIP_MAGIC = b"\x1f\x8b"
# The lower half of the first byte of a zlib header; no compressor begins raw deflate like this.
_ZLIB_METHOD = 8

# Services also send these names for a body that is not encoded.
_NOT_ENCODED = frozenset({"", "identity", "none", "utf-8"})

# Lists of which no member may be overlooked.
_JOINED = frozenset({"connection", "content-encoding"})


def collect_headers(headers: Iterable[Tuple[str, str]]) -> Dict[str, str]:
    """Return a response's headers by lower-case names.

    Of a repeated header, the first one counts; of Content-Encoding and Connection, all of them do,
    in their order.
    """
    collected: Dict[str, str] = {}
    for name, value in headers:
        lower = name.lower()
        if lower in _JOINED and lower in collected:
            collected[lower] += f", {value}"
        else:
            collected.setdefault(lower, value)
    return collected


class BodyReader:
    """Collects and decodes the parts of a body, up to a limit.

    Args:
        headers: The response's headers, by lower-case names.
        limit: Bytes that the body may have, both as received and after each decoding.

    Attributes:
        defect: Why the body can't be used; None if it can, as far as it was read.
    """

    def __init__(self, headers: Mapping[str, str], limit: int = MAX_BODY_BYTES) -> None:
        self.defect: Optional[str] = None
        self._limit = limit
        self._received = 0
        self._content: Union[bytes, bytearray] = b""
        encoding = headers.get("content-encoding")
        self._decoders = [] if encoding is None else self._decoders_for(encoding)
        if _exceeds(headers.get("content-length", ""), limit):
            self._set_too_large()

    def feed(self, part: bytes) -> bool:
        """Take the next part; return whether there is any use in reading on."""
        if self._decoders:
            for _ in self.steps(part):
                pass
        else:
            self._receive(part)
        return self.defect is None

    def steps(self, part: bytes) -> Iterator[None]:
        """Take the next part as `feed` does, but pause after each 256 KiB of work.

        A few bytes may stand for gigabytes, so an event loop should get a turn at each pause. The
        part counts only when the iterator is exhausted; `defect` tells whether to read on.
        """
        if not self._decoders:
            self._receive(part)
            return
        self._received += len(part)
        if self._received > self._limit:
            self._set_too_large()
        view = memoryview(part)
        work = 0
        for start in range(0, len(view), _SLICE_BYTES):
            if self.defect is not None:
                return
            data = bytes(view[start : start + _SLICE_BYTES])
            for cost in chain([len(data)], self._decode(data, 0)):
                work += cost
                if work >= STEP_BYTES:
                    work = 0
                    yield

    def content(self) -> bytes:
        """Return the body, or nothing where it has a defect."""
        if self._decoders and self.defect is None and not self._is_complete():
            self._set_defect("its body is cut off")
        return bytes(self._content)

    def _is_complete(self) -> bool:
        return self._received == 0 or all(decoder.is_complete for decoder in self._decoders)

    def _receive(self, part: bytes) -> None:
        """Take a part of a body that is not encoded."""
        self._received += len(part)
        if self._received > self._limit:
            self._set_too_large()
        elif self._content:
            self._keep(part)
        elif self.defect is None:
            self._content = part

    def _decode(self, data: bytes, stage: int) -> Iterator[int]:
        """Decode data from one decoder on; yield the cost of each piece of work."""
        if stage == len(self._decoders):
            self._keep(data)
            return
        decoder = self._decoders[stage]
        try:
            for piece in decoder.pieces(data):
                yield len(piece) + _MEMBER_COST_BYTES
                if decoder.decoded > self._limit:
                    self._set_too_large()
                    return
                yield from self._decode(piece, stage + 1)
                if self.defect is not None:
                    return
        except zlib.error:
            self._set_defect("its body is not what its content encoding says")

    def _keep(self, piece: bytes) -> None:
        if not self._content:
            self._content = piece
            return
        # Millions of parts of one byte would take much more memory in a list.
        if isinstance(self._content, bytes):
            self._content = bytearray(self._content)
        self._content += piece

    def _decoders_for(self, encoding: str) -> List[_Decoder]:
        names = [name.strip(" \t").lower() for name in encoding.split(",")]
        names = [name for name in names if name not in _NOT_ENCODED]
        if not {"gzip", "x-gzip", "deflate"}.issuperset(names):
            self.defect = "its content encoding is unknown"
        elif len(names) > MAX_ENCODINGS:
            self.defect = f"it has more than {MAX_ENCODINGS} content encodings"
        if self.defect is not None:
            return []
        # The header lists them in the order in which they were applied.
        return [_Decoder(is_gzip=name != "deflate") for name in reversed(names)]

    def _set_too_large(self) -> None:
        self._set_defect(f"its body is larger than {self._limit} bytes")

    def _set_defect(self, defect: str) -> None:
        self.defect = defect
        self._content = b""


class _Decoder:
    """Decodes gzip or deflate, as leniently as browsers and urllib3 do.

    gzip may have several members; zeros after a member, and whatever follows the last one, are
    ignored. deflate may lack its zlib header; whatever follows its end is ignored.
    """

    def __init__(self, *, is_gzip: bool) -> None:
        self.decoded = 0
        self._is_gzip = is_gzip
        self._zlib: Optional[zlib._Decompress] = None
        self._members = 0
        self._pending = b""  # the first byte of what may be another member
        self._ignores_rest = False

    @property
    def is_complete(self) -> bool:
        """Whether the data so far ends where it may end."""
        return self._members > 0 and self._zlib is None

    def pieces(self, data: bytes) -> Iterator[bytes]:
        """Yield what `data` decodes to, in pieces of limited size, some of them empty.

        Raises:
            zlib.error: It is not encoded like this.
        """
        data, self._pending = self._pending + data, b""
        has_more = False
        while (data or has_more) and not self._ignores_rest:
            if self._zlib is None:
                data = self._begin(data)
                if self._zlib is None:
                    return
            piece = self._zlib.decompress(data, STEP_BYTES)
            data = self._zlib.unconsumed_tail
            has_more = len(piece) == STEP_BYTES  # zlib may keep output without keeping input
            if self._zlib.eof:
                has_more = False
                data = self._zlib.unused_data
                self._members += 1
                self._zlib = None
            self.decoded += len(piece)
            yield piece

    def _begin(self, data: bytes) -> bytes:
        """Prepare to decode what begins in `data`, if anything does; return where it begins."""
        if self._members == 0:
            self._zlib = zlib.decompressobj(self._wbits(data[0]))
            return data
        if self._is_gzip:
            data = data.lstrip(b"\0")
            if data[:2] == _GZIP_MAGIC:
                self._zlib = zlib.decompressobj(_GZIP_WBITS)
                return data
            if data == _GZIP_MAGIC[:1] or not data:
                self._pending = data
                return b""
        self._ignores_rest = True
        return b""

    def _wbits(self, first: int) -> int:
        if self._is_gzip:
            return _GZIP_WBITS
        return _ZLIB_WBITS if first & 0x0F == _ZLIB_METHOD else _RAW_WBITS


def _exceeds(length: str, limit: int) -> bool:
    # Only ASCII digits are a length: int() takes more, and raises on thousands of digits.
    if not (length.isascii() and length.isdigit()):
        return False
    digits = length.lstrip("0")
    return len(digits) > _MAX_LENGTH_DIGITS or int(digits or "0") > limit
