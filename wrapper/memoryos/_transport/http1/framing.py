"""Where the body of a response ends, and whether its connection can be used again (RFC 9112)."""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING, NamedTuple, Optional

from .errors import InvalidMessageError

if TYPE_CHECKING:
    from .head import ResponseHead

_NO_CONTENT, _NOT_MODIFIED = 204, 304
_WITHOUT_BODY = frozenset({_NO_CONTENT, _NOT_MODIFIED})


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
        head: The head of a final response, whose syntax was checked.
        method: The method of the request.

    Raises:
        InvalidMessageError: The head contradicts itself.
    """
    status, minor_version, headers = head
    keep_alive = _keeps_alive(minor_version, headers.get("connection"))
    length = headers.get("content-length")
    is_chunked = "transfer-encoding" in headers
    if is_chunked and minor_version == 0:
        raise InvalidMessageError("it has a Transfer-Encoding, which HTTP/1.0 lacks")
    if method == "HEAD" or status in _WITHOUT_BODY:
        # A peer that announces a body here may send one: the connection is not used again.
        announced = status == _NO_CONTENT and (is_chunked or int(length or 0) > 0)
        return Framing(BodyKind.LENGTH, 0, keep_alive and not announced)
    if is_chunked:
        return Framing(BodyKind.CHUNKED, 0, keep_alive)
    if length is None:
        return Framing(BodyKind.UNTIL_CLOSE, 0, keep_alive=False)
    return Framing(BodyKind.LENGTH, int(length), keep_alive)


def _keeps_alive(minor_version: int, connection: Optional[str]) -> bool:
    if connection is None:
        return minor_version > 0
    tokens = {token.strip(" \t") for token in connection.lower().split(",")}
    return "close" not in tokens and (minor_version > 0 or "keep-alive" in tokens)
