"""The planner's statistics of a new database.

Without them, PostgreSQL takes all indexes that begin with the owner for equally good, and its plans
for frequent statements, such as the checks of foreign keys, read all rows of the owner. Autovacuum
collects statistics, but only once a minute; this module does it for the first memories.
"""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from psycopg import Connection

__all__ = ["FirstWrites", "collect"]

# Of a table of fewer rows, the plans would read all.
_COLLECTED_AFTER = frozenset({500, 5_000})

_COUNTED = "SELECT reltuples FROM pg_class WHERE oid = 'memoryos.memories'::regclass"
# PostgreSQL leaves out tables of another user with a warning. One that another process analyzes, or
# whose columns it changes, needs no statistics now.
_COLLECT = """
  ANALYZE (SKIP_LOCKED) memoryos.memories, memoryos.memory_words, memoryos.memory_tags,
    memoryos.memory_entities, memoryos.memory_metadata, memoryos.tags, memoryos.claims
"""


class FirstWrites:
    """Counts the first memories that a process stores. Thread-safe."""

    def __init__(self) -> None:
        self._numbers = itertools.count(1)

    def next_is_due(self) -> int | None:
        """Count a memory; return how many there are if it is time to collect statistics."""
        number = next(self._numbers)
        return number if number in _COLLECTED_AFTER else None


def collect(connection: Connection[tuple[Any, ...]], written: int) -> None:
    """Collect statistics, unless there are some of most memories.

    Args:
        connection: In a transaction for writing.
        written: Number of memories that this process has stored.
    """
    (known,) = connection.execute(_COUNTED).fetchone() or (0,)
    if known < written / 2:
        connection.execute(_COLLECT)
