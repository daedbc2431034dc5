"""One request and its response, as the ASGI application sees them."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING
from urllib.parse import quote

from .access_log import CLIENT_DISCONNECTED, Entry, format_client

if TYPE_CHECKING:
    from collections.abc import Callable

    from .asgi import Scope
    from .dispatch import Response
    from .endpoints import Endpoint
    from .recent_keys import KeyHolder

__all__ = ["LOST_STATUS", "REQUEST_ID", "Exchange"]

LOST_STATUS = "memoryos_lost_status"
"""Key in the ASGI scope's `state`.

Its value is a function that returns None, or the status to log because no response was sent.
"""

REQUEST_ID = "memoryos_request_id"
"""Key in the ASGI scope's `state`: the ID of the request, set by who answers or logs it first."""


class Exchange:
    """One request and its response.

    Args:
        scope: The ASGI scope of the request.
        request_id: ID of the request, unless it has one.

    Attributes:
        path: Percent-encoded path; empty until the target is parsed.
        endpoint: The endpoint of the path, or None for a path of the API and an unknown one.
        operation: Operation of the contract, name of an endpoint, or `unknown`.
        is_overload: Whether the server has too many requests to handle this one.
        holder: Holder of the API key, once it is known.
        received_bytes: Length of the body, once it is read.
        close: Whether the connection is closed after the response.
    """

    def __init__(self, scope: Scope, request_id: str) -> None:
        self._scope = scope
        self._started = time.perf_counter()
        self.request_id: str = scope.get("state", {}).setdefault(REQUEST_ID, request_id)
        self.method: str = scope["method"]
        self.headers: list[tuple[bytes, bytes]] = scope["headers"]
        self.query: bytes = scope["query_string"]
        self.path = ""
        self.endpoint: Endpoint | None = None
        self.operation = "unknown"
        self.is_overload = False
        self.holder: KeyHolder | None = None
        self.received_bytes = 0
        self.close = False

    @property
    def needs_key(self) -> bool:
        """Whether the request needs a valid API key."""
        return self.endpoint is None or self.endpoint.needs_key

    @property
    def target(self) -> str:
        """The request target, percent-encoded, without the query."""
        # Only the raw path distinguishes an encoded slash from a real one, but it's optional in
        # ASGI. Some servers append the query, which starts at the first question mark.
        raw: bytes | None = self._scope.get("raw_path")
        if raw is None:
            return quote(self._scope["path"])
        return raw.partition(b"?")[0].decode("latin-1")

    @property
    def owner(self) -> str | None:
        """The owner of the API key, once it is known."""
        return None if self.holder is None else self.holder.owner

    @property
    def address(self) -> str:
        """The IP address of the client, or an empty string."""
        client = self._scope.get("client")
        return str(client[0]) if client else ""

    @property
    def has_supported_version(self) -> bool:
        """Whether the request is HTTP/1.x, or the ASGI server has parsed another version."""
        version = self._scope.get("http_version", "1.1")
        return version.startswith("1.") or LOST_STATUS not in self._scope.get("state", {})

    def entry(self, response: Response | None) -> Entry:
        """Return the entry of the access log."""
        status = self._lost_status()
        sent_bytes = 0
        if status is None:
            status = CLIENT_DISCONNECTED if response is None else response.status
            sent_bytes = 0 if response is None else len(response.body)
        return Entry(
            method=self.method,
            path=self.path,
            status=status,
            seconds=time.perf_counter() - self._started,
            request_id=self.request_id,
            operation=self.operation,
            is_overload=self.is_overload,
            owner=self.owner,
            key_id=None if self.holder is None else self.holder.key_id,
            client=format_client(self._scope.get("client")),
            received_bytes=self.received_bytes,
            sent_bytes=sent_bytes,
        )

    def _lost_status(self) -> int | None:
        find: Callable[[], int | None] | None = self._scope.get("state", {}).get(LOST_STATUS)
        return None if find is None else find()
