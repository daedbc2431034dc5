"""Where the body of a response ends, and whether its connection can be used again (RFC 9112)."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from http import HTTPStatus
from typing import TYPE_CHECKING, List, Optional

from .errors import InvalidMessageError

if TYPE_CHECKING:
    from .head import ResponseHead

_MAX_LENGTH_DIGITS = 15
"""Of a Content-Length; more would be a petabyte."""

_WITHOUT_BODY = frozenset({HTTPStatus.NO_CONTENT, HTTPStatus.NOT_MODIFIED})


class BodyKind(Enum):
    """What ends a body."""

    LENGTH = "its length"
    CHUNKED = "its last chunk"
    UNTIL_CLOSE = "the end of the connection"


@dataclass(frozen=True)
class Framing:
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
    lengths = _values(head, "content-length")
    codings = _values(head, "transfer-encoding")
    length = _length(lengths)
    _check_transfer_coding(head, lengths, codings)
    keep_alive = _keeps_alive(head)
    if method == "HEAD" or head.status in _WITHOUT_BODY:
        # A peer that announces a body here may send one: the connection is not used again.
        announced = head.status == HTTPStatus.NO_CONTENT and bool(length or codings)
        return Framing(BodyKind.LENGTH, 0, keep_alive and not announced)
    if codings:
        return Framing(BodyKind.CHUNKED, 0, keep_alive)
    if length is None:
        return Framing(BodyKind.UNTIL_CLOSE, 0, keep_alive=False)
    return Framing(BodyKind.LENGTH, length, keep_alive)


def _values(head: ResponseHead, name: str) -> List[str]:
    return [value for other, value in head.headers if other == name]


def _length(lengths: List[str]) -> Optional[int]:
    if not lengths:
        return None
    if len(lengths) > 1:
        raise InvalidMessageError("it has more than one Content-Length")
    digits = lengths[0]
    if not (digits.isascii() and digits.isdigit()):
        raise InvalidMessageError("its Content-Length is not a number")
    # The reader rejects a body of that size; `int` would raise for thousands of digits.
    return int(digits[:_MAX_LENGTH_DIGITS]) if len(digits.lstrip("0")) > 15 else int(digits)


def _check_transfer_coding(head: ResponseHead, lengths: List[str], codings: List[str]) -> None:
    if not codings:
        return
    if lengths:
        raise InvalidMessageError("it has both a Content-Length and a Transfer-Encoding")
    if len(codings) > 1 or codings[0].lower() != "chunked":
        raise InvalidMessageError("its Transfer-Encoding is not chunked alone")
    if head.minor_version == 0:
        raise InvalidMessageError("it has a Transfer-Encoding, which HTTP/1.0 lacks")


def _keeps_alive(head: ResponseHead) -> bool:
    options = ",".join(_values(head, "connection")).lower().split(",")
    tokens = {option.strip(" \t") for option in options}
    if head.minor_version == 0 and "keep-alive" not in tokens:
        return False
    return "close" not in tokens
