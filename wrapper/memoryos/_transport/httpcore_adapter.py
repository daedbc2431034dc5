"""Between the SDK's values and httpcore's."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Dict, List, Tuple
from urllib.parse import urlsplit

import h11
import httpcore

from memoryos._protocol.retries import Failure

from .response_body import ACCEPTED_ENCODINGS
from .tls import advice, certificate_error

if TYPE_CHECKING:
    from memoryos._protocol.requests import Request

FAILURES = (
    httpcore.TimeoutException,
    httpcore.NetworkError,
    httpcore.ProtocolError,
    httpcore.UnsupportedProtocol,
    h11.LocalProtocolError,  # for headers that HTTP doesn't allow
    UnicodeEncodeError,  # for headers that are not ASCII
    OSError,
)
_MALFORMED = (
    httpcore.UnsupportedProtocol,
    httpcore.LocalProtocolError,
    h11.LocalProtocolError,
    UnicodeEncodeError,
)
_NEVER_SENT = (httpcore.ConnectError, httpcore.ConnectTimeout, *_MALFORMED)
# Some servers reject them without a Content-Length, even where the body is empty.
_METHODS_WITH_A_BODY = frozenset({"POST", "PUT", "PATCH"})


def failure_of(cause: Exception) -> Failure:
    """Return what it means that httpcore raised `cause`."""
    refusal = certificate_error(cause)
    return Failure(
        cause,
        timed_out=isinstance(cause, httpcore.TimeoutException),
        sent=not isinstance(cause, _NEVER_SENT),
        permanent=isinstance(cause, _MALFORMED) or refusal is not None,
        advice="" if refusal is None else advice(refusal),
    )


def busy(limit: int) -> Failure:
    """Return what it means that no connection became free in time."""
    return Failure(TimeoutError(f"all {limit} connections are in use"), timed_out=True, sent=False)


def has_unread_data(connection: Any) -> bool:
    """Return whether a connection between two requests holds bytes that nobody asked for.

    They would be read as the answer to the next request. httpcore has no public way to see them, so
    this looks at the parser behind it; where that is no longer found, only the socket is watched.
    """
    parser = getattr(getattr(connection, "_connection", None), "_h11_state", None)
    return parser is not None and bool(parser.trailing_data[0])


class HttpcoreRequests:
    """Puts requests to one address in httpcore's form."""

    def __init__(self, base_url: str) -> None:
        parts = urlsplit(base_url)
        default_port = 443 if parts.scheme == "https" else 80
        host = (parts.hostname or "").encode("ascii")
        port = parts.port or default_port
        self.origin = httpcore.Origin(parts.scheme.encode("ascii"), host, port)
        self._host = parts.netloc.encode("ascii")
        self._prefix = parts.path.encode("ascii")
        self._checked: Tuple[Any, Any] = (None, None)

    def message(self, request: Request) -> httpcore.Request:
        """Return the request in httpcore's form."""
        url = httpcore.URL(
            scheme=self.origin.scheme,
            host=self.origin.host,
            port=self.origin.port,
            target=self._prefix + request.target.encode("ascii"),
        )
        message = httpcore.Request(request.method, url, content=request.content)
        # Set, and not passed as an argument: they need no second look.
        message.headers = self._headers(request)
        return message

    def _headers(self, request: Request) -> Any:
        if request.content is not None or request.method in _METHODS_WITH_A_BODY:
            length = b"%d" % len(request.content or b"")
            return [*self._encoded(request), (b"content-length", length)]
        # Without a body they are the same in every call of a session. What h11 has checked once, it
        # doesn't check again.
        given, checked = self._checked
        if given != request.headers:
            probe = h11.Request(method="GET", target="/", headers=self._encoded(request))
            checked = probe.headers
            self._checked = (request.headers, checked)
        return checked

    def _encoded(self, request: Request) -> List[Tuple[bytes, bytes]]:
        own = [(name.encode("ascii"), value.encode("ascii")) for name, value in request.headers]
        return [(b"host", self._host), (b"accept-encoding", ACCEPTED_ENCODINGS), *own]


def headers_of(response: Any) -> Dict[str, str]:
    """Return an answer's headers by lower-case names; the first one where a name comes twice."""
    headers: Dict[str, str] = {}
    for name, value in response.headers:
        headers.setdefault(name.decode("ascii").lower(), value.decode("latin-1"))
    return headers
