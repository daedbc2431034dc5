"""Which vectors the HNSW index holds: those of owners who have many memories.

To add a vector to the index costs as much as all else that is stored with a memory, and the
memories of most owners are so few that a search compares them all. So the index has only the rows
with `indexed`. An owner's rows are marked once there are many, some after each write; what isn't
marked yet is compared in full. Marks are never removed.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from memoryos_server.stores.purge_schedule import PurgeSchedule

from . import memories
from .owners import count_by_owner

if TYPE_CHECKING:
    from datetime import datetime

    from psycopg import Connection

    from .database import Database

__all__ = ["MAX_MEMORIES_COMPARED_IN_FULL", "VectorIndexing", "is_large", "mark_all"]

MAX_MEMORIES_COMPARED_IN_FULL = 10_000
"""How many memories of one owner are all looked at, without the index."""

_MARKED_AT_ONCE = 100
"""How many vectors are added to the index after one write, which they delay by about 0.1 s."""

_SELECT = """
  SELECT number FROM memoryos.vectors WHERE owner = %s AND NOT indexed
  ORDER BY number LIMIT %s FOR UPDATE SKIP LOCKED
"""
_MARK = """
  UPDATE memoryos.vectors SET indexed = true WHERE owner = %s AND number = ANY(%s::bigint[])
"""
_MARK_ALL = "UPDATE memoryos.vectors SET indexed = true WHERE owner = %s AND NOT indexed"


class VectorIndexing:
    """The additions of one process to the index. Thread-safe."""

    def __init__(self) -> None:
        self._schedule = PurgeSchedule()
        self._large: set[str] = set()

    def includes(self, owner: str) -> bool:
        """Return whether new vectors of an owner belong to the index, as far as is known."""
        return owner in self._large

    def continue_for(self, owner: str, now: datetime, database: Database) -> None:
        """Add vectors of an owner who has just written to the index, if that is due.

        In a transaction of its own, so that the write doesn't hold locks for longer.

        Args:
            owner: whose write it was.
            now: the current time.
            database: has the table of vectors.

        Raises:
            ServiceError: the database can't do it now.
        """
        for each in self._schedule.due(owner, now, tuple):
            if each in self._large or database.query(partial(is_large, owner=each)):
                self._large.add(each)
                if database.write(partial(_mark_some, owner=each)):
                    self._schedule.unfinished(each)


def is_large(connection: Connection[tuple[Any, ...]], owner: str) -> bool:
    """Return whether an owner's vectors belong to the index."""
    beyond = memories.select_beyond(connection, owner, MAX_MEMORIES_COMPARED_IN_FULL)
    return beyond.fetchone() is not None


def mark_all(connection: Connection[tuple[Any, ...]]) -> None:
    """Mark all vectors that belong to the index, of all owners."""
    for owner, count in count_by_owner(connection).items():
        if count > MAX_MEMORIES_COMPARED_IN_FULL:
            connection.execute(_MARK_ALL, (owner,))


def _mark_some(connection: Connection[tuple[Any, ...]], owner: str) -> bool:
    """Mark some vectors, without those that another transaction holds; return if more may be."""
    rows = connection.execute(_SELECT, (owner, _MARKED_AT_ONCE)).fetchall()
    numbers = [number for (number,) in rows]
    if numbers:
        connection.execute(_MARK, (owner, numbers))
    return len(numbers) == _MARKED_AT_ONCE
