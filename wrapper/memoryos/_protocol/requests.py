"""From a call to the HTTP request that is sent: address, headers, bytes."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Optional, Sequence, Tuple, cast
from urllib.parse import quote_plus

from memoryos._version import __version__

from .observers import headers_from

if TYPE_CHECKING:
    from memoryos._protocol.settings import Settings

    from .calls import Call
    from .observers import Observer

USER_AGENT = f"memoryos-python/{__version__}"


@dataclass(frozen=True)
class Request:
    """An HTTP request, the same in every attempt."""

    method: str
    base_url: str
    target: str
    headers: Tuple[Tuple[str, str], ...]
    content: Optional[bytes]

    @property
    def url(self) -> str:
        """The full address."""
        return self.base_url + self.target

    def __repr__(self) -> str:
        return f"Request({self.method} {self.url})"  # headers and content are private


def prepare(call: Call[Any], settings: Settings) -> Request:
    """Return the request of a call, with the client's settings."""
    target = call.path
    if call.query:
        query = "&".join(filter(None, [_fields(*item) for item in call.query.items()]))
        target += f"?{query}" if query else ""
    headers = {"accept": "application/json", "user-agent": USER_AGENT}
    for name, value in settings.headers.items():
        headers[name.lower()] = value
    headers["authorization"] = "Bearer " + settings.api_key.reveal()
    if call.content is not None:
        headers["content-type"] = "application/json"
    headers.update(call.headers)
    return Request(call.method, settings.base_url, target, tuple(headers.items()), call.content)


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
    return replace(request, headers=request.headers + added) if added else request
