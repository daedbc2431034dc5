"""When to delete expired rows, and whose."""

from __future__ import annotations

import threading
from bisect import bisect_right
from datetime import timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

__all__ = ["PURGE_INTERVAL", "PurgeSchedule"]

PURGE_INTERVAL = timedelta(seconds=10)
"""How long a process waits from one purge of an owner to the next, and between other owners."""


class PurgeSchedule:
    """The purges of one process. Thread-safe.

    A write purges what belongs to its owner. So that nothing stays of owners who write no more, it
    also purges one other owner, each in turn.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._last: dict[str, datetime] = {}
        self._unfinished: set[str] = set()
        self._last_turn: datetime | None = None
        self._last_other = ""

    def due(
        self, owner: str, now: datetime, other_owners: Callable[[], Sequence[str]]
    ) -> list[str]:
        """Return the owners to purge now, and count them as purged.

        Args:
            owner: whose write this is.
            now: the current time.
            other_owners: returns the owners that take turns; called only if it is time.
        """
        with self._lock:
            due = [owner] if self._is_due(owner, now) else []
            others = sorted(self._unfinished - {owner})[:1]
            is_turn = not others and _is_over(self._last_turn, now)
            self._unfinished.difference_update(due, others)
            if is_turn:
                self._last_turn = now
                self._last = {name: at for name, at in self._last.items() if not _is_over(at, now)}
            if due:
                self._last[owner] = now
        if is_turn:
            others = self._next(sorted({*other_owners()} - {owner}))
        return due + others

    def unfinished(self, owner: str) -> None:
        """Purge an owner again at the next write, since more is left than one purge deletes."""
        with self._lock:
            self._unfinished.add(owner)

    def _is_due(self, owner: str, now: datetime) -> bool:
        return owner in self._unfinished or _is_over(self._last.get(owner), now)

    def _next(self, others: Sequence[str]) -> list[str]:
        if not others:
            return []
        with self._lock:
            self._last_other = others[bisect_right(others, self._last_other) % len(others)]
            return [self._last_other]


def _is_over(last: datetime | None, now: datetime) -> bool:
    """Return whether the interval since `last` is over, also if the clock was set back."""
    return last is None or not timedelta(0) <= now - last < PURGE_INTERVAL
