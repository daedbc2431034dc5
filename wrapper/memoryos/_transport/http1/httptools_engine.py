"""Parse heads with httptools, a C parser."""

from __future__ import annotations

from typing import Any, Callable, Dict, List, Tuple

import httptools

from memoryos._transport.response_body import collect_headers

from .errors import InvalidMessageError
from .head import ResponseHead

NAME = "httptools"
VERSION: str = httptools.__version__

_OTHER_LINES = 2  # of a head: the status line, and the empty one at the end


def parse(raw: bytes) -> ResponseHead:
    """Return a head whose syntax was checked.

    Raises:
        InvalidMessageError: httptools rejects it.
    """
    # A method of a dict takes the headers, since a function in Python would take most of the time.
    found: Dict[bytes, bytes] = {}
    parser = _parser_of(raw, found.setdefault)
    headers = {
        name.decode("ascii").lower(): value.decode("ascii").strip(" \t")
        for name, value in found.items()
    }
    if len(headers) != raw.count(b"\n") - _OTHER_LINES:  # a name repeats
        pairs: List[Tuple[bytes, bytes]] = []
        _parser_of(raw, lambda name, value: pairs.append((name, value)))
        headers = collect_headers(
            [(name.decode("ascii"), value.decode("ascii").strip(" \t")) for name, value in pairs]
        )
    if "transfer-encoding" in headers:
        headers["transfer-encoding"] = "chunked"  # in lower case, as h11 has it
    minor_version = 1 if parser.get_http_version() == "1.1" else 0
    return ResponseHead(parser.get_status_code(), minor_version, headers)


class _Callbacks:
    """What the parser calls."""

    __slots__ = ("on_header",)

    def __init__(self, on_header: Callable[[bytes, bytes], object]) -> None:
        self.on_header = on_header


def _parser_of(raw: bytes, on_header: Callable[[bytes, bytes], object]) -> Any:
    """Return a parser that has read a head."""
    parser = httptools.HttpResponseParser(_Callbacks(on_header))
    try:
        parser.feed_data(raw)
    except httptools.HttpParserError as cause:
        _raise_interruption(cause)
        raise InvalidMessageError("its head is not well-formed HTTP/1.1") from cause
    return parser


def _raise_interruption(error: httptools.HttpParserError) -> None:
    """Raise a KeyboardInterrupt of a callback, which httptools turns into an error."""
    interruption = error.__context__
    if isinstance(error, httptools.HttpParserCallbackError) and not (
        interruption is None or isinstance(interruption, Exception)
    ):
        raise interruption from None
