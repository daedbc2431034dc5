"""Access log: one line per request, without content, queries and API keys."""

from __future__ import annotations

import logging
import re
from typing import NamedTuple
from urllib.parse import quote, unquote

__all__ = ["CLIENT_DISCONNECTED", "Entry", "log_request"]

CLIENT_DISCONNECTED = 499
"""Status in the log of a request whose client disconnected before the response was sent."""

MAX_PATH_CHARACTERS = 512
_MAX_METHOD_CHARACTERS = 20
_KEY = re.compile(r"mos_.*", re.IGNORECASE | re.DOTALL)
_UNPRINTABLE = re.compile(r"[^!-~]")

_logger = logging.getLogger("memoryos_server.access")


class Entry(NamedTuple):
    """A request, for the log.

    Attributes:
        method: HTTP method, or an empty string if the request line could not be read.
        path: Percent-encoded path without the query, or an empty string.
        status: Status of the response, or `CLIENT_DISCONNECTED`.
        seconds: Time from the headers to the response.
        request_id: ID of the request.
        owner: Owner of the API key, or None if there was no valid key.
        client: Address of the client.
        received_bytes: Length of the body.
        sent_bytes: Length of the response body.
    """

    method: str
    path: str
    status: int
    seconds: float
    request_id: str
    owner: str | None = None
    client: str = ""
    received_bytes: int = 0
    sent_bytes: int = 0


def log_request(entry: Entry) -> None:
    """Log a request at the level INFO; at DEBUG also the client's address and the sizes."""
    if not _logger.isEnabledFor(logging.INFO):
        return
    method = _clean(_KEY.sub("mos_...", entry.method), _MAX_METHOD_CHARACTERS)
    line = (
        f"{method} {_clean_path(entry.path)} {entry.status} "
        f"{entry.seconds * 1000:.1f} ms request_id={entry.request_id} "
        f"owner={_clean(entry.owner or '', MAX_PATH_CHARACTERS)}"
    )
    if _logger.isEnabledFor(logging.DEBUG):
        line += (
            f" client={_clean(entry.client, MAX_PATH_CHARACTERS)}"
            f" received={entry.received_bytes} sent={entry.sent_bytes}"
        )
    _logger.info("%s", line)


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
