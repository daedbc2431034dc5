"""Selections of memories, from the filters of a list, a search or a context."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from memoryos_server.model.metadata import tag_name
from memoryos_server.model.records import Selection
from memoryos_server.model.timestamps import parse_timestamp

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from memoryos_server.model.caller import Caller

__all__ = ["selection_of"]


def selection_of(caller: Caller, given: Mapping[str, Any], now: datetime) -> Selection:
    """Return the selection of the caller's memories by the given filters, except for entities.

    Args:
        caller: The caller.
        given: Valid parameters or a valid body; other fields than filters are ignored.
        now: The current time.
    """
    return Selection(
        owner=caller.owner,
        now=now,
        tier=given.get("tier"),
        content_type=given.get("content_type"),
        memory_nature=given.get("memory_nature"),
        tags=tuple(dict.fromkeys(tag_name(name) for name in given.get("tags", ()))),
        created_after=_time(given.get("created_after")),
        created_before=_time(given.get("created_before")),
        external_id=given.get("external_id"),
        metadata=given.get("metadata") or None,
    )


def _time(text: str | None) -> datetime | None:
    return None if text is None else parse_timestamp(text)
