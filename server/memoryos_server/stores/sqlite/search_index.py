"""The vectors and cues of one database, held in memory; brought up to date before a search."""

# ruff: noqa: S608 - only constants of this package are put into the SQL, values are parameters

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from memoryos_server.search.index.entry import Filter
from memoryos_server.search.index.memory_index import MemoryIndex

from . import vectors
from .columns import DamagedValueError, from_time
from .conditions import condition

if TYPE_CHECKING:
    import sqlite3

    from memoryos_server.model.records import Selection
    from memoryos_server.search.index.entry import Entry
    from memoryos_server.search.index.memory_index import AnalyzedQuery, Hits

__all__ = ["SearchIndex"]


class SearchIndex:
    """Finds memories by vectors and cues; safe to share between threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._index: MemoryIndex | None = None
        self._last = 0

    def search(
        self, connection: sqlite3.Connection, selection: Selection, probe: AnalyzedQuery, count: int
    ) -> Hits:
        """Return the selected memories that the most speaks for.

        Args:
            connection: in a transaction; what it sees is what is searched, or newer.
            selection: which memories.
            probe: what is looked for.
            count: how many at most.
        """
        wanted = Filter(
            now=from_time(selection.now),
            facets=(selection.tier, selection.content_type, selection.memory_nature),
            numbers=_labelled(connection, selection),
        )
        with self._lock:
            index = self._refresh(connection, len(probe.vector))
            return index.search(probe, owner=selection.owner, wanted=wanted, count=count)

    def _refresh(self, connection: sqlite3.Connection, dimension: int) -> MemoryIndex:
        if self._index is None or vectors.is_forgotten(connection, self._last):
            self._index, self._last = MemoryIndex(dimension), 0
            self._index.reserve(vectors.counts(connection))
        if not vectors.is_current(connection, self._last):
            for batch in vectors.changes(connection, self._last):
                self._index.discard(batch.gone)
                self._put(self._index, batch.stored)
                self._last = batch.last
        return self._index

    def _put(self, index: MemoryIndex, entries: list[Entry]) -> None:
        try:
            index.put(entries)
        except (TypeError, ValueError) as error:  # another length, no value
            raise DamagedValueError from error


def _labelled(connection: sqlite3.Connection, selection: Selection) -> list[int] | None:
    """Return the numbers that the filters leave which the index knows nothing of; None for all."""
    if not (selection.tags or selection.entities or selection.refreshed_since):
        return None
    where, values = condition(selection)
    rows = connection.execute(f"SELECT number FROM memories WHERE {where}", values)
    return [row[0] for row in rows]
