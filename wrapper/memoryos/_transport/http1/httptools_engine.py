"""Parse heads with httptools, a C parser."""

from __future__ import annotations

from typing import List, Tuple

import httptools

from .errors import InvalidMessageError
from .head import ResponseHead, by_name

NAME = "httptools"
VERSION: str = httptools.__version__


class _Headers:
    """Receives the parser's callbacks."""

    __slots__ = ("received",)

    def __init__(self) -> None:
        self.received: List[Tuple[str, str]] = []

    def on_header(self, name: bytes, value: bytes) -> None:
        self.received.append((name.decode("ascii").lower(), value.decode("ascii").strip(" \t")))


def parse(raw: bytes) -> ResponseHead:
    """Return a head whose syntax was checked.

    Raises:
        InvalidMessageError: httptools rejects it.
    """
    headers = _Headers()
    parser = httptools.HttpResponseParser(headers)
    try:
        parser.feed_data(raw)
    except httptools.HttpParserError as cause:
        _raise_interruption(cause)
        raise InvalidMessageError("its head is not well-formed HTTP/1.1") from cause
    minor_version = 1 if parser.get_http_version() == "1.1" else 0
    return ResponseHead(parser.get_status_code(), minor_version, by_name(headers.received))


def _raise_interruption(error: httptools.HttpParserError) -> None:
    """Raise a KeyboardInterrupt of a callback, which httptools turns into an error."""
    interruption = error.__context__
    if isinstance(error, httptools.HttpParserCallbackError) and not (
        interruption is None or isinstance(interruption, Exception)
    ):
        raise interruption from None
