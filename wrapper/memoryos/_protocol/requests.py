"""From an operation to the request that is sent: address, headers, bytes."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Optional, Sequence, Tuple
from urllib.parse import quote_plus

from memoryos._version import __version__

if TYPE_CHECKING:
    from memoryos._protocol.settings import Settings

    from .observers import Observer
    from .operations import Operation

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
        """The whole address."""
        return self.base_url + self.target

    def __repr__(self) -> str:
        return f"Request({self.method} {self.url})"  # headers hold the key, content what is told


def prepare(operation: Operation[Any], settings: Settings) -> Request:
    """Return the request that carries out `operation` with these settings."""
    target = operation.path
    if operation.query:
        target += "?" + "&".join([_field(*item) for item in operation.query.items()])
    headers = {"accept": "application/json", "user-agent": USER_AGENT}
    for name, value in settings.headers.items():
        headers[name.lower()] = value
    headers["authorization"] = "Bearer " + settings.api_key.reveal()
    if operation.content is not None:
        headers["content-type"] = "application/json"
    headers.update(operation.headers)
    return Request(
        operation.method, settings.base_url, target, tuple(headers.items()), operation.content
    )


def _field(name: str, value: Any) -> str:
    """Return a field of the query as HTML forms write it; the names are the contract's.

    A member of an Enum is written as the text or number that it is, not by its name.
    """
    if isinstance(value, int):
        return f"{name}={int.__repr__(value)}"
    text = str.__str__(value) if isinstance(value, str) else float.__repr__(value)
    return f"{name}={quote_plus(text)}"


def with_headers(request: Request, observers: Sequence[Observer]) -> Request:
    """Return the request with the headers that observers add to it."""
    added = [item for observer in observers for item in observer.headers().items()]
    return replace(request, headers=request.headers + tuple(added)) if added else request
