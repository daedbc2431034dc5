"""Write HTTP/1.1 requests to one address."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Sequence, Tuple
from urllib.parse import urlsplit

from memoryos._transport.response_body import ACCEPTED_ENCODINGS

from .errors import InvalidRequestError

if TYPE_CHECKING:
    from memoryos._protocol.requests import Request

    Headers = Sequence[Tuple[str, str]]

# Some servers reject them without a Content-Length, even where the body is empty.
_METHODS_WITH_A_BODY = frozenset({"POST", "PUT", "PATCH"})

_NAME = r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+"
_LINES = re.compile(rf"(?:{_NAME}:[\t\x20-\x7e]*\r\n)*")
_LINE = re.compile(rf"{_NAME}:[\t\x20-\x7e]*\r\n")
_START = re.compile(rf"{_NAME} [\x21-\x7e]+")


class RequestWriter:
    """Writes requests; what all requests of a session share is checked once.

    Attributes:
        host: The name or address to connect to.
        port: The port.
    """

    def __init__(self, base_url: str) -> None:
        parts = urlsplit(base_url)
        self.host = parts.hostname or ""
        self.port = parts.port or (443 if parts.scheme == "https" else 80)
        self._path = parts.path
        self._own = f"Host: {parts.netloc}\r\nAccept-Encoding: {ACCEPTED_ENCODINGS.decode()}\r\n"
        # The session's headers of the last request, and the same as text.
        self._shared: Tuple[Headers, str] = ((), "")

    def write(self, request: Request) -> bytes:
        """Return a request's bytes.

        Raises:
            InvalidRequestError: HTTP doesn't allow its method, target or a header.
        """
        start = f"{request.method} {self._path}{request.target}"
        if _START.fullmatch(start) is None:
            raise InvalidRequestError("the method or the path has characters that HTTP rejects")
        shared, text = self._shared
        if shared is not request.session_headers:
            text = _lines(request.session_headers)
            self._shared = (request.session_headers, text)
        content = request.content
        if content is not None or request.method in _METHODS_WITH_A_BODY:
            length = f"Content-Length: {len(content or b'')}\r\n"
        else:
            length = ""
        own = _lines(request.call_headers) if request.call_headers else ""
        head = f"{start} HTTP/1.1\r\n{self._own}{text}{own}{length}\r\n".encode("ascii")
        return head + content if content else head


def _lines(headers: Headers) -> str:
    """Return headers as they are sent.

    Raises:
        InvalidRequestError: HTTP doesn't allow one.
    """
    text = "".join([f"{name}: {value}\r\n" for name, value in headers])
    # A value may bring a line end of its own, and a name a colon.
    is_plain = text.count("\n") == len(headers) and ":" not in "".join([h[0] for h in headers])
    if not is_plain or _LINES.fullmatch(text) is None:
        raise InvalidRequestError(f"the header {_first_invalid(headers)} is not valid in HTTP")
    return text


def _first_invalid(headers: Headers) -> str:
    for name, value in headers:
        if ":" in name or _LINE.fullmatch(f"{name}: {value}\r\n") is None:
            return repr(name)
    return "list"
