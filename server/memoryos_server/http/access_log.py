"""Access log: one record per request, without content, queries and API keys."""

from __future__ import annotations

import logging
import re
from typing import Any, NamedTuple
from urllib.parse import quote, unquote

from .log_messages import StructuredMessage

__all__ = ["CLIENT_DISCONNECTED", "REJECTIONS", "Entry", "format_client", "log_request"]

CLIENT_DISCONNECTED = 499
"""Status in the log of a request whose client disconnected before the response was sent."""

MAX_PATH_CHARACTERS = 512
_MAX_METHOD_CHARACTERS = 20
_KEY = re.compile(r"mos_.*", re.IGNORECASE | re.DOTALL)
_UNPRINTABLE = re.compile(r"[^!-~]")

_REJECTIONS_BY_STATUS = {
    401: "authentication",
    408: "timeout",
    413: "size",
    414: "size",
    431: "size",
}
REJECTIONS = ("overload", "rate_limit", "failed_auth_limit", "authentication", "timeout", "size")
"""Why requests are rejected before they reach an operation: the server's load, the rate of a key,
failed keys of an address, the key, the time and the size of the request.
"""

_logger = logging.getLogger("memoryos_server.access")


class Entry(NamedTuple):
    """A request, for the log and the metrics.

    Attributes:
        method: HTTP method, or an empty string if the request line could not be read.
        path: Percent-encoded path without the query, or an empty string.
        status: Status of the response, or `CLIENT_DISCONNECTED`.
        seconds: Time from the headers to the response.
        request_id: ID of the request.
        operation: Operation of the contract, name of an endpoint, or `unknown`.
        is_overload: Whether the server had too many requests to handle this one.
        owner: Owner of the API key, or None if there was no valid key.
        key_id: ID of the API key, or None.
        client: Address of the client, as `format_client` returns it.
        received_bytes: Length of the body.
        sent_bytes: Length of the response body.
    """

    method: str
    path: str
    status: int
    seconds: float
    request_id: str
    operation: str = "unknown"
    is_overload: bool = False
    owner: str | None = None
    key_id: str | None = None
    client: str = ""
    received_bytes: int = 0
    sent_bytes: int = 0

    @property
    def rejection(self) -> str | None:
        """One of `REJECTIONS`, or None if the request wasn't rejected."""
        if self.is_overload:
            return "overload"
        if self.status == 429:
            return "failed_auth_limit" if self.owner is None else "rate_limit"
        return _REJECTIONS_BY_STATUS.get(self.status)


def format_client(client: tuple[str, int] | None) -> str:
    """Return address and port as in a URL; the address alone if a proxy forwarded it."""
    if client is None:
        return ""
    address, port = client
    shown = f"[{address}]" if ":" in address else address
    return f"{shown}:{port}" if port else shown


def log_request(entry: Entry) -> None:
    """Log a request at the level INFO; the text also has the client and the sizes at DEBUG."""
    if _logger.isEnabledFor(logging.INFO):
        _logger.info(_RequestMessage(entry, is_detailed=_logger.isEnabledFor(logging.DEBUG)))


class _RequestMessage(StructuredMessage):
    def __init__(self, entry: Entry, *, is_detailed: bool) -> None:
        self._entry = entry
        self._is_detailed = is_detailed

    def __str__(self) -> str:
        entry = self._entry
        line = (
            f"{self._method} {_clean_path(entry.path)} {entry.status} "
            f"{entry.seconds * 1000:.1f} ms request_id={entry.request_id} "
            f"owner={_clean(entry.owner or '', MAX_PATH_CHARACTERS)}"
        )
        if self._is_detailed:
            line += (
                f" client={_clean(entry.client, MAX_PATH_CHARACTERS)}"
                f" received={entry.received_bytes} sent={entry.sent_bytes}"
            )
        return line

    def fields(self) -> dict[str, Any]:
        """Return what the text has, and more."""
        entry = self._entry
        method, path = self._method, _clean_path(entry.path)
        return {
            "message": f"{method} {path} {entry.status}",
            "request_id": entry.request_id,
            "method": method,
            "path": path,
            "operation": entry.operation,
            "status": entry.status,
            "rejection": entry.rejection,
            "duration_ms": round(entry.seconds * 1000, 3),
            "owner": entry.owner,
            "key_id": entry.key_id,
            "client": entry.client or None,
            "received_bytes": entry.received_bytes,
            "sent_bytes": entry.sent_bytes,
        }

    @property
    def _method(self) -> str:
        return _clean(_KEY.sub("mos_...", self._entry.method), _MAX_METHOD_CHARACTERS)


def _clean_path(path: str) -> str:
    # The segments are decoded below, so their length is bounded first.
    shown = path[: MAX_PATH_CHARACTERS + 1]
    return _clean("/".join(_without_key(s) for s in shown.split("/")), MAX_PATH_CHARACTERS)


def _without_key(segment: str) -> str:
    """Return a segment without the API key that a misconfigured client may put there."""
    decoded = _decode(segment)
    return _KEY.sub("mos_...", decoded) if _KEY.search(decoded) else segment


def _decode(segment: str) -> str:
    while "%" in segment and (decoded := unquote(segment)) != segment:
        segment = decoded
    return segment


def _clean(text: str, limit: int) -> str:
    """Return printable ASCII without spaces, so that no request can forge a line or a field."""
    text = _UNPRINTABLE.sub(lambda match: quote(match[0], safe="", errors="replace"), text)
    return (text if len(text) <= limit else f"{text[:limit]}...") or "-"
