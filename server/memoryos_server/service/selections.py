"""Selections of memories, from the filters of a list, a search or a context."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from memoryos_server.model.metadata import tag_name

from .times import parse_time

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from memoryos_server.model.caller import Caller
    from memoryos_server.model.records import Selection

__all__ = ["selection_of"]


def selection_of(
    caller: Caller, given: Mapping[str, Any], now: datetime, *, location: str
) -> Selection:
    """Return the selection of the caller's memories by the given filters, except for entities.

    Args:
        caller: The caller.
        given: Valid parameters or a valid body; other fields than filters are ignored.
        now: The current time.
        location: Where the filters are, for messages: `query` or `body`.

    Raises:
        ServiceError: 400, if a time is not within the years 1 to 9999.
    """
    return replace(
        caller.selection(now),
        tier=given.get("tier"),
        content_type=given.get("content_type"),
        memory_nature=given.get("memory_nature"),
        tags=tuple(dict.fromkeys(tag_name(name) for name in given.get("tags", ()))),
        created_after=_time(given, "created_after", location),
        created_before=_time(given, "created_before", location),
        external_id=given.get("external_id"),
        metadata=given.get("metadata") or None,
    )


def _time(given: Mapping[str, Any], name: str, location: str) -> datetime | None:
    return parse_time(f"{location}.{name}", given[name]) if name in given else None
