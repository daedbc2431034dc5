"""The head of a response: its syntax (RFC 9112), and the engine that parses it.

Two engines parse heads: h11, which is always installed, and httptools, which the extra `speed`
adds. Each accepts heads that the other rejects. Both receive only what `check_syntax` accepts, so
that a client behaves in the same way with either.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Dict, NamedTuple, NoReturn

from .errors import InvalidMessageError, NotHTTPError

if TYPE_CHECKING:
    from typing_extensions import Protocol

    class Engine(Protocol):
        """Parses heads. Its functions and attributes are those of a module."""

        NAME: str
        VERSION: str

        def parse(self, raw: bytes) -> ResponseHead:
            """Return a head whose syntax was checked."""
            ...


MAX_HEAD_BYTES = 64 * 1024
"""The maximum size of a head; Apache and nginx send at most 8 KiB by default."""

MAX_HEADERS = 256
"""The maximum number of headers in a head."""

END_OF_HEAD = b"\r\n\r\n"

_START = b"HTTP/1."
_SYNTAX = re.compile(
    rb"HTTP/1\.[01] [1-9][0-9]{2}(?: [\t\x20-\x7e\x80-\xff]*)?\r\n"
    rb"(?:[!#$%&'*+\-.^_`|~0-9A-Za-z]+:[\t\x20-\x7e]*\r\n)*"
    rb"\r\n"
)
_DELIMITERS = re.compile(rb"\r\n(content-length|transfer-encoding):[ \t]*([^\r]*?)[ \t]*(?=\r)")
_LENGTH = re.compile(rb"[0-9]{1,15}")
_BARE_LF = re.compile(rb"(?<!\r)\n")


class ResponseHead(NamedTuple):
    """The status line and the headers of a response."""

    status: int
    minor_version: int
    """1 for HTTP/1.1, 0 for HTTP/1.0."""
    headers: Dict[str, str]
    """By lower-case names; where a name repeats, as `collect_headers` says."""


def check_beginning(received: bytes, checked: int) -> None:
    """Reject a head early, before its end has arrived.

    Args:
        received: What has arrived of it.
        checked: The number of bytes that were checked before.

    Raises:
        NotHTTPError: It is something else.
        InvalidMessageError: No continuation can make it a head.
    """
    if not received.startswith(_START[: len(received)]):
        _reject_start(received)
    if len(received) > MAX_HEAD_BYTES:
        raise InvalidMessageError(f"its head is larger than {MAX_HEAD_BYTES} bytes")
    if _BARE_LF.search(received, checked):
        raise InvalidMessageError("a line of its head doesn't end in CRLF")


def _reject_start(received: bytes) -> NoReturn:
    # By the first byte alone: the result must not depend on how the bytes are split.
    if received[:1] == b"H" or received[:1].isspace():
        raise InvalidMessageError("it is not HTTP/1.0 or HTTP/1.1")
    raise NotHTTPError("what arrived is not HTTP")


def check_syntax(raw: bytes) -> None:
    """Reject a complete head that recipients may read in different ways.

    Args:
        raw: The head, with the empty line at its end.

    Raises:
        NotHTTPError: It is something else.
        InvalidMessageError: It is not HTTP/1.0 or HTTP/1.1; it has folded lines, line ends other
            than CRLF, control characters, non-ASCII header values or malformed header names; it
            doesn't say unambiguously where the body ends; or it is too large.
    """
    if len(raw) > MAX_HEAD_BYTES:
        raise InvalidMessageError(f"its head is larger than {MAX_HEAD_BYTES} bytes")
    if _SYNTAX.fullmatch(raw) is None:
        if not raw.startswith(_START):
            _reject_start(raw)
        raise InvalidMessageError("its head is not well-formed HTTP/1.1")
    if raw.count(b"\n") > MAX_HEADERS + 2:
        raise InvalidMessageError(f"it has more than {MAX_HEADERS} headers")
    # Here, and not in the parsed headers: h11 repairs some of them.
    delimiters = _DELIMITERS.findall(raw.lower())
    if len(delimiters) > 1:
        raise InvalidMessageError("it has several headers Content-Length or Transfer-Encoding")
    for name, value in delimiters:
        if name == b"transfer-encoding" and value != b"chunked":
            raise InvalidMessageError("its Transfer-Encoding is not chunked alone")
        if name == b"content-length" and _LENGTH.fullmatch(value) is None:
            raise InvalidMessageError("its Content-Length is not a number of at most 15 digits")
