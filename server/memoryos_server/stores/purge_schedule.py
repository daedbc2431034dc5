"""When to delete what has expired."""

from __future__ import annotations

import threading
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from memoryos_server.per_process import PerProcess

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

__all__ = ["PURGE_INTERVAL", "PurgeSchedule"]

PURGE_INTERVAL = timedelta(seconds=10)


class PurgeSchedule:
    """stub until SQLite's helper delivers it"""

    def __init__(self) -> None:
        self._last: dict[str, datetime] = {}
        self._lock = threading.Lock()

    def due(
        self, owner: str, now: datetime, other_owners: Callable[[], Sequence[str]]
    ) -> list[str]:
        with self._lock:
            last = self._last.get(owner)
            if last is not None and abs(now - last) < PURGE_INTERVAL:
                return []
            self._last[owner] = now
        return [owner]
