"""Reading an answer's body within bounds, whatever its encoding promises."""

from __future__ import annotations

import zlib
from typing import List, Mapping, Optional

# A list holds at most 100 memories; this is room for 640 KB each.
MAX_BODY_BYTES = 64 * 1024 * 1024

# What the SDK can decode, in the form of an Accept-Encoding header.
ACCEPTED_ENCODINGS = b"gzip, deflate"

_PIECE_BYTES = 1024 * 1024
_MAX_LENGTH_DIGITS = 15  # of a Content-Length that can be meant
_GZIP, _ZLIB = 16 + zlib.MAX_WBITS, zlib.MAX_WBITS


class BodyReader:
    """Collects the parts of a body, and decodes them, up to a limit.

    Args:
        headers: The answer's headers, by lower-case names.
        limit: Bytes that the decoded body may have.
    """

    def __init__(self, headers: Mapping[str, str], limit: int = MAX_BODY_BYTES) -> None:
        self.defect: Optional[str] = None
        self._left = limit
        self._parts: List[bytes] = []
        self._decoder = _decoder(headers.get("content-encoding", ""))
        if self._decoder is None and headers.get("content-encoding", "identity") != "identity":
            self.defect = "its content encoding is unknown"
        self._limit = limit
        if _exceeds(headers.get("content-length", ""), limit):
            self._too_large()

    def feed(self, part: bytes) -> bool:
        """Take the next part; return whether there is any use in reading on."""
        if self._decoder is not None:
            self._decode(part, self._decoder)
        elif self.defect is None:
            self._add(part)
        return self.defect is None

    def content(self) -> bytes:
        """Return the body, or nothing where it has a defect."""
        if self.defect is None and self._decoder is not None and not self._decoder.eof:
            self.defect = "its body is cut off" if self._parts else None
        if self.defect is not None:
            return b""
        return self._parts[0] if len(self._parts) == 1 else b"".join(self._parts)

    def _decode(self, part: bytes, decoder: zlib._Decompress) -> None:
        # Piece by piece, since a few bytes may stand for gigabytes.
        while part and self.defect is None:
            try:
                self._add(decoder.decompress(part, _PIECE_BYTES))
            except zlib.error:
                self.defect = "its body is not what its content encoding says"
            part = decoder.unconsumed_tail

    def _add(self, piece: bytes) -> None:
        self._left -= len(piece)
        self._parts.append(piece)
        if self._left < 0:
            self._too_large()

    def _too_large(self) -> None:
        self.defect = f"its body is larger than {self._limit} bytes"
        self._parts.clear()


def _exceeds(length: str, limit: int) -> bool:
    # Only decimals are a length: int() takes more, and raises on thousands of digits.
    return length.isdecimal() and (len(length) > _MAX_LENGTH_DIGITS or int(length) > limit)


def _decoder(encoding: str) -> Optional[zlib._Decompress]:
    name = encoding.strip().lower()
    if name in ("gzip", "x-gzip"):
        return zlib.decompressobj(_GZIP)
    return zlib.decompressobj(_ZLIB) if name == "deflate" else None
