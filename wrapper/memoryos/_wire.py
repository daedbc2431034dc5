"""Between the SDK's values and httpcore's."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Dict, List, Tuple
from urllib.parse import urlsplit

import httpcore

from ._body import ACCEPTED_ENCODINGS
from ._exchange import Failure
from ._tls import advice, refused_certificate

if TYPE_CHECKING:
    from ._requests import Request

FAILURES = (
    httpcore.TimeoutException,
    httpcore.NetworkError,
    httpcore.ProtocolError,
    httpcore.UnsupportedProtocol,
    OSError,
)
_NEVER_SENT = (httpcore.ConnectError, httpcore.ConnectTimeout, httpcore.UnsupportedProtocol)


def failure_of(cause: Exception) -> Failure:
    """Return what it means that httpcore raised `cause`."""
    refusal = refused_certificate(cause)
    return Failure(
        cause,
        timed_out=isinstance(cause, httpcore.TimeoutException),
        sent=not isinstance(cause, _NEVER_SENT),
        permanent=isinstance(cause, httpcore.UnsupportedProtocol) or refusal is not None,
        advice="" if refusal is None else advice(refusal),
    )


def busy(limit: int) -> Failure:
    """Return what it means that no connection became free in time."""
    return Failure(TimeoutError(f"all {limit} connections are in use"), timed_out=True, sent=False)


def has_surplus(connection: Any) -> bool:
    """Return whether a connection between two requests holds bytes that nobody asked for.

    They would be read as the answer to the next request. httpcore has no public way to see them, so
    this looks at the parser behind it; where that is no longer found, only the socket is watched.
    """
    parser = getattr(getattr(connection, "_connection", None), "_h11_state", None)
    return parser is not None and bool(parser.trailing_data[0])


@dataclass(frozen=True)
class Address:
    """Where requests go, in httpcore's form."""

    origin: httpcore.Origin
    host: bytes
    prefix: bytes


def address_of(base_url: str) -> Address:
    """Return the origin, the `Host` header and the path that an address stands for."""
    parts = urlsplit(base_url)
    default_port = 443 if parts.scheme == "https" else 80
    host = (parts.hostname or "").encode("ascii")
    port = parts.port or default_port
    origin = httpcore.Origin(parts.scheme.encode("ascii"), host, port)
    return Address(origin, parts.netloc.encode("ascii"), parts.path.encode("ascii"))


def wire_request(request: Request, address: Address) -> httpcore.Request:
    """Return the request in httpcore's form."""
    headers: List[Tuple[bytes, bytes]] = [
        (b"host", address.host),
        (b"accept-encoding", ACCEPTED_ENCODINGS),
    ]
    headers += [(name.encode("ascii"), value.encode("ascii")) for name, value in request.headers]
    if request.content is not None:
        headers.append((b"content-length", b"%d" % len(request.content)))
    origin = address.origin
    url = httpcore.URL(
        scheme=origin.scheme,
        host=origin.host,
        port=origin.port,
        target=address.prefix + request.target.encode("ascii"),
    )
    message = httpcore.Request(request.method, url, content=request.content)
    message.headers = headers  # not as an argument, which would be looked through again
    return message


def headers_of(response: Any) -> Dict[str, str]:
    """Return an answer's headers by lower-case names; the first one where a name comes twice."""
    headers: Dict[str, str] = {}
    for name, value in response.headers:
        headers.setdefault(name.decode("ascii").lower(), value.decode("latin-1"))
    return headers
