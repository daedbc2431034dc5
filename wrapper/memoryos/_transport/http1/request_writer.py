"""Write HTTP/1.1 requests to one address."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, List, Sequence, Tuple
from urllib.parse import urlsplit

from memoryos._transport.response_body import ACCEPTED_ENCODINGS

from .errors import InvalidRequestError

if TYPE_CHECKING:
    from memoryos._protocol.requests import Request

    Headers = Sequence[Tuple[str, str]]

# Some servers reject them without a Content-Length, even where the body is empty.
_METHODS_WITH_A_BODY = frozenset({"POST", "PUT", "PATCH"})

_TCHARS = r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+"
_NAME = re.compile(_TCHARS)
_VALUE = re.compile(r"[\t\x20-\x7e]*")
_START = re.compile(rf"{_TCHARS} [\x21-\x7e]+")


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
    lines: List[str] = []
    for name, value in headers:
        is_plain = value.isascii() and value.isprintable()  # faster than the expression
        if not (_is_name(name) and (is_plain or _VALUE.fullmatch(value))):
            raise InvalidRequestError(f"the header {name!r} is not valid in HTTP")
        lines.append(f"{name}: {value}\r\n")
    return "".join(lines)


@lru_cache(maxsize=64)
def _is_name(name: str) -> bool:
    return _NAME.fullmatch(name) is not None
