"""Marks before a memory in a context: when it was, until when it was true, and who said it.

The date is the one in the metadata, else the day of creation. The day of creation says nothing
where memories were imported, and nothing worth its tokens where all of them are from one day.
"""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING, NamedTuple

from memoryos_server.search.event_dates import event_date

if TYPE_CHECKING:
    from collections.abc import Iterable

    from memoryos_server.model.records import Memory
    from memoryos_server.search.combined_score import RankedMemory

__all__ = ["NO_MARKS", "UNDATED_UPDATE", "MarkReader", "Marks"]

UNDATED_UPDATE = "changed"
"""What stands in place of the date until which a memory was true, if that is unknown."""

MIN_IMPORTED_MEMORIES = 10
"""Number of memories of one minute from which they count as imported."""

MAX_SPEAKER_CHARACTERS = 40
"""Length up to which a text in the metadata is taken for the name of a speaker."""

_NO_NAME = re.compile(r"\W*$|\s*until |\s*\d{4}-\d\d|.*:")

_SPEAKER_FIELDS = ("speaker", "author", "sender", "role")


class Marks(NamedTuple):
    """The marks of a memory.

    Attributes:
        date: Its date, `2026-03-02` or `2026-03`, if it is known.
        until: The date of the memory that replaces it, `changed` if that date is unknown, or None
            if nothing replaces it.
        speaker: Who said it, if the metadata says so and the text doesn't.
    """

    date: str | None = None
    until: str | None = None
    speaker: str | None = None

    @property
    def text(self) -> str:
        """The marks as they stand before the text of the memory."""
        until = None if self.until is None else f"until {self.until}"
        date = " ".join(filter(None, (self.date, until)))
        return "".join(f"{mark}: " for mark in (date, self.speaker) if mark)


NO_MARKS = Marks()


class MarkReader:
    """Reads the marks of memories.

    Args:
        considered: The memories that a context is chosen from, or the best of them.
    """

    def __init__(self, considered: Iterable[Memory]) -> None:
        undated = [memory for memory in considered if event_date(memory.metadata) is None]
        minutes = Counter(map(_minute, undated))
        self._imports = {
            minute for minute, number in minutes.items() if number >= MIN_IMPORTED_MEMORIES
        }
        days = {minute[: len("2026-03-02")] for minute in minutes.keys() - self._imports}
        self._days_differ = len(days) > 1

    def marks(self, item: RankedMemory) -> Marks:
        """Return the marks of a memory."""
        memory = item.memory
        date = event_date(memory.metadata)
        if date is None and self._days_differ:
            date = self._creation_day(memory)
        until = None
        if item.replaced_by is not None:
            later = item.replaced_by
            until = event_date(later.metadata) or self._creation_day(later) or UNDATED_UPDATE
        return Marks(date, until, _speaker(memory))

    def _creation_day(self, memory: Memory) -> str | None:
        """Return the day of creation, or None if the memory was imported with others."""
        return None if _minute(memory) in self._imports else memory.created_at.date().isoformat()


def _minute(memory: Memory) -> str:
    return memory.created_at.isoformat(timespec="minutes")


def _speaker(memory: Memory) -> str | None:
    """Return the speaker that the metadata names, unless the text begins with the name."""
    for field in _SPEAKER_FIELDS:
        name = memory.metadata.get(field)
        if isinstance(name, str) and _is_name(name):
            return None if memory.content.lstrip().startswith(f"{name}:") else name
    return None


def _is_name(text: str) -> bool:
    """Return whether a text can stand before a colon as a name, and imitates no other mark."""
    has_length = 0 < len(text) <= MAX_SPEAKER_CHARACTERS
    return has_length and text.isprintable() and not _NO_NAME.match(text)
