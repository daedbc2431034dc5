"""From a call to the HTTP request that is sent: address, headers, bytes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Optional, Sequence, Tuple, cast
from urllib.parse import quote_plus

from memoryos._version import __version__

from .observers import headers_from

if TYPE_CHECKING:
    from memoryos._protocol.settings import Settings

    from .calls import Call
    from .observers import Observer

USER_AGENT = f"memoryos-python/{__version__}"


Headers = Tuple[Tuple[str, str], ...]


class Request:
    """An HTTP request, the same in every attempt.

    Args:
        method: The method.
        base_url: The address of the API.
        target: The path below it, with the query.
        session_headers: The headers that all requests of a session share: the same object in each.
        call_headers: The others.
        content: The body.
    """

    __slots__ = ("base_url", "call_headers", "content", "method", "session_headers", "target")

    def __init__(
        self,
        method: str,
        base_url: str,
        target: str,
        session_headers: Headers,
        call_headers: Headers,
        content: Optional[bytes],
    ) -> None:
        self.method = method
        self.base_url = base_url
        self.target = target
        self.session_headers = session_headers
        self.call_headers = call_headers
        self.content = content

    @property
    def url(self) -> str:
        """The full address."""
        return self.base_url + self.target

    @property
    def headers(self) -> Headers:
        """All headers, with lower-case names."""
        return self.session_headers + self.call_headers

    def __repr__(self) -> str:
        return f"Request({self.method} {self.url})"  # headers and content are private


def session_headers(settings: Settings) -> Headers:
    """Return the headers that all requests of a session share."""
    headers = {"accept": "application/json", "user-agent": USER_AGENT}
    for name, value in settings.headers.items():
        headers[name.lower()] = value
    headers["authorization"] = "Bearer " + settings.api_key.reveal()
    return tuple(headers.items())


def prepare(call: Call[Any], base_url: str, shared: Headers) -> Request:
    """Return the request of a call.

    Args:
        call: The call.
        base_url: The address of the API.
        shared: The headers of the session; those of the call replace them.
    """
    target = call.path
    if call.query:
        query = "&".join(filter(None, [_fields(*item) for item in call.query.items()]))
        target += f"?{query}" if query else ""
    own = call.headers
    if call.content is not None:
        own = {"content-type": "application/json", **own}
    if own and not own.keys().isdisjoint(dict(shared)):
        shared = tuple(item for item in shared if item[0] not in own)
    return Request(call.method, base_url, target, shared, tuple(own.items()), call.content)


def _fields(name: str, value: Any) -> str:
    """Return a parameter of the query, encoded as a form; a list repeats the name.

    An empty list has no field.
    """
    if isinstance(value, (list, tuple)):
        return "&".join([_fields(name, item) for item in cast("Sequence[Any]", value)])
    if isinstance(value, bool):
        return f"{name}={str(value).lower()}"
    return f"{name}={quote_plus(str(value))}"


def with_headers(request: Request, observers: Sequence[Observer]) -> Request:
    """Return the request with the headers of its observers added."""
    added = headers_from(observers, request.headers)
    if not added:
        return request
    return Request(
        request.method,
        request.base_url,
        request.target,
        request.session_headers,
        request.call_headers + added,
        request.content,
    )
