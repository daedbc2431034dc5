"""Where the body of a response ends, and whether its connection can be used again (RFC 9112)."""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING, NamedTuple, Optional

from .errors import InvalidMessageError

if TYPE_CHECKING:
    from .head import ResponseHead

_MAX_LENGTH_DIGITS = 15
"""Of a Content-Length; one of more digits is larger than any limit."""

_WITHOUT_BODY = frozenset({204, 304})


class BodyKind(Enum):
    """What ends a body."""

    LENGTH = "its length"
    CHUNKED = "its last chunk"
    UNTIL_CLOSE = "the end of the connection"


class Framing(NamedTuple):
    """How a response is delimited."""

    kind: BodyKind
    length: int
    """Of a body of the kind LENGTH; 0 for none."""
    keep_alive: bool
    """Whether the peer keeps the connection open."""


def framing_of(head: ResponseHead, method: str) -> Framing:
    """Return how the response to a request is delimited.

    Args:
        head: The head of a final response.
        method: The method of the request.

    Raises:
        InvalidMessageError: The head contradicts itself, so that recipients may disagree about the
            end of the body.
    """
    status, minor_version, headers = head
    keep_alive = _keeps_alive(minor_version, headers.get("connection"))
    length = _length(headers.get("content-length"))
    coding = headers.get("transfer-encoding")
    if coding is not None:
        _check_transfer_coding(head, coding)
    if method == "HEAD" or status in _WITHOUT_BODY:
        # A peer that announces a body here may send one: the connection is not used again.
        announced = status == 204 and bool(length or coding)
        return Framing(BodyKind.LENGTH, 0, keep_alive and not announced)
    if coding is not None:
        return Framing(BodyKind.CHUNKED, 0, keep_alive)
    if length is None:
        return Framing(BodyKind.UNTIL_CLOSE, 0, keep_alive=False)
    return Framing(BodyKind.LENGTH, length, keep_alive)


def _length(digits: Optional[str]) -> Optional[int]:
    if digits is None:
        return None
    if not (digits.isascii() and digits.isdigit()):  # so are several of them
        raise InvalidMessageError("its Content-Length is not a number")
    if len(digits) > _MAX_LENGTH_DIGITS:
        raise InvalidMessageError("its Content-Length has too many digits")
    return int(digits)


def _check_transfer_coding(head: ResponseHead, coding: str) -> None:
    if "content-length" in head.headers:
        raise InvalidMessageError("it has both a Content-Length and a Transfer-Encoding")
    if coding.lower() != "chunked":
        raise InvalidMessageError("its Transfer-Encoding is not chunked alone")
    if head.minor_version == 0:
        raise InvalidMessageError("it has a Transfer-Encoding, which HTTP/1.0 lacks")


def _keeps_alive(minor_version: int, connection: Optional[str]) -> bool:
    if connection is None:
        return minor_version > 0
    tokens = {token.strip(" \t") for token in connection.lower().split(",")}
    return "close" not in tokens and (minor_version > 0 or "keep-alive" in tokens)
