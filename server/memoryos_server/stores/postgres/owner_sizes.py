"""How many memories owners have, counted now and then where there are many.

To count a million takes longer than to search them. The number is only what the rarity of words is
measured by, so an old one does, until it is no longer about right.
"""

from __future__ import annotations

import threading
from datetime import timedelta
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from datetime import datetime

    from psycopg import Connection

__all__ = ["OwnerSizes"]

_MIN_KEPT = 20_000
_KEPT_FOR = timedelta(minutes=5)
_MAX_OWNERS = 10_000
_COUNT = "SELECT count(*) FROM memoryos.vectors WHERE owner = %s"


class _Size(NamedTuple):
    vectors: int
    counted_at: datetime


class OwnerSizes:
    """The numbers that one process has counted. Thread-safe."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._sizes: dict[str, _Size] = {}

    def size(self, connection: Connection[tuple[Any, ...]], owner: str, now: datetime) -> int:
        """Return how many vectors an owner has, of expired memories too."""
        known = self._sizes.get(owner)
        if known is not None and abs(now - known.counted_at) < _KEPT_FOR:
            return known.vectors
        (vectors,) = connection.execute(_COUNT, (owner,)).fetchone() or (0,)
        if vectors >= _MIN_KEPT:
            with self._lock:
                if len(self._sizes) >= _MAX_OWNERS:
                    self._sizes.clear()
                self._sizes[owner] = _Size(vectors, now)
        return int(vectors)
