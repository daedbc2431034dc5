"""Marks before a memory in a context: its date and its speaker, as far as they are known. Pure.

As the local Memory OS shows them, with fewer forms of dates, and without notes of updates: which
memories replace others is for the service to tell.
"""

from __future__ import annotations

import re
from collections import Counter
from typing import Any, Dict, Mapping, Optional, Sequence

__all__ = ["MarkReader"]

_MIN_IMPORTED = 10
"""The number of memories of one minute from which they count as imported."""

_MAX_SPEAKER = 40
"""The number of characters up to which a text counts as the name of a speaker."""

_DATE_FIELD = re.compile(
    r"(?:.*_)?(?:at|date|day|time|datetime|timestamp|when)$|(?:sent|said|posted|published)$"
)
_NOT_OF_EVENT = re.compile(r"(?:import|ingest|updat|modif|edit|seen|expir|due|end|read)")
_DATE = re.compile(r"\d{4}-(?:0[1-9]|1[0-2])(?:-(?:0[1-9]|[12]\d|3[01])(?!\d))?(?![\d-])")
_SPEAKER_FIELDS = ("speaker", "author", "sender", "role")
_NO_NAME = re.compile(r"\W*$|\s*until |\s*\d{4}-\d\d|.*:")


class MarkReader:
    """Reads the marks of memories.

    Args:
        considered: The memories that a context is chosen from.
    """

    def __init__(self, considered: Sequence[Mapping[str, Any]]) -> None:
        minutes = Counter(_minute(item) for item in considered if _date(item) is None)
        self._imports = {minute for minute, number in minutes.items() if number >= _MIN_IMPORTED}
        days = {minute[: len("2026-03-02")] for minute in minutes if minute not in self._imports}
        self._days_differ = len(days) > 1

    def marks(self, item: Mapping[str, Any]) -> Dict[str, str]:
        """Return the marks of a memory: `date`, `speaker`, or neither."""
        marks = {"date": _date(item) or self._day_of_creation(item), "speaker": _speaker(item)}
        return {name: mark for name, mark in marks.items() if mark is not None}

    def _day_of_creation(self, item: Mapping[str, Any]) -> Optional[str]:
        minute = _minute(item)
        if not self._days_differ or minute in self._imports:
            return None
        return minute[: len("2026-03-02")]


def _minute(item: Mapping[str, Any]) -> str:
    return str(item["created_at"])[: len("2026-03-02T10:00")]


def _date(item: Mapping[str, Any]) -> Optional[str]:
    """Return the first ISO 8601 date of the metadata, to the day or the month."""
    for field, value in _metadata(item).items():
        if isinstance(value, str) and _DATE_FIELD.match(field) and not _NOT_OF_EVENT.search(field):
            found = _DATE.match(value)
            if found:
                return found[0]
    return None


def _speaker(item: Mapping[str, Any]) -> Optional[str]:
    """Return the speaker that the metadata names, unless the text begins with the name."""
    for field in _SPEAKER_FIELDS:
        name = _metadata(item).get(field)
        if not isinstance(name, str) or not 0 < len(name) <= _MAX_SPEAKER:
            continue
        if name.isprintable() and not _NO_NAME.match(name):
            return None if item["content"].lstrip().startswith(f"{name}:") else name
    return None


def _metadata(item: Mapping[str, Any]) -> Mapping[str, Any]:
    return item.get("metadata") or {}
