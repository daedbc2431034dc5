"""In-memory search index of one database, updated before each search."""

# ruff: noqa: S608 - only constants of this package are put into the SQL, values are parameters

from __future__ import annotations

import threading
from dataclasses import replace
from typing import TYPE_CHECKING

from memoryos_server.search.index.entry import Filter
from memoryos_server.search.index.memory_index import MemoryIndex
from memoryos_server.stores.row_mapper import DamagedValueError

from . import vectors
from .column_types import from_time
from .conditions import condition, has_filters

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Mapping

    from memoryos_server.model.records import Selection
    from memoryos_server.search.index.entry import Entry
    from memoryos_server.search.index.memory_index import AnalyzedQuery, Hits

__all__ = ["SearchIndex"]


class SearchIndex:
    """Searches memories by vectors and search terms. Threads may share it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._index: MemoryIndex | None = None
        self._last = 0
        self._unstored: dict[int, bytes] = {}

    @property
    def unstored_changes(self) -> list[int]:
        """The change numbers of the memories whose vectors are kept here only."""
        return list(self._unstored)

    def keep_vectors(self, vectors_by_change: Mapping[int, bytes]) -> None:
        """Keep vectors that can't be stored, because the database is read-only.

        Args:
            vectors_by_change: the vectors, by the change number of a memory without one.
        """
        with self._lock:
            self._unstored.update(vectors_by_change)
            self._index = None  # the next search builds it with these vectors

    def search(
        self, connection: sqlite3.Connection, selection: Selection, query: AnalyzedQuery, count: int
    ) -> Hits:
        """Return the selected memories with the highest feature scores.

        Args:
            connection: a connection in a transaction. The search covers the memories that this
                transaction sees, and may cover newer ones.
            selection: the memories to search.
            query: the analyzed query.
            count: the maximum number of hits.
        """
        filtered = replace(selection, tier=None, content_type=None, memory_nature=None)
        numbers = _numbers(connection, filtered)
        scope = selection.scope
        wanted = Filter(
            now=from_time(selection.now),
            facets=(selection.tier, selection.content_type, selection.memory_nature),
            numbers=numbers,
            related=numbers if filtered == scope else _numbers(connection, scope),
        )
        with self._lock:
            index = self._refresh(connection, len(query.vector))
            return index.search(query, owner=selection.owner, wanted=wanted, count=count)

    def _refresh(self, connection: sqlite3.Connection, dimension: int) -> MemoryIndex:
        if self._index is None or vectors.has_lost_deletions(connection, self._last):
            self._index, self._last = MemoryIndex(dimension), 0
            self._index.reserve(vectors.count_by_owner(connection))
        if vectors.has_changed(connection, self._last):
            for batch in vectors.changes_since(connection, self._last, self._unstored):
                self._index.discard(batch.deleted)
                self._put(self._index, batch.stored)
                self._last = batch.last
        return self._index

    def _put(self, index: MemoryIndex, entries: list[Entry]) -> None:
        try:
            index.put(entries)
        except (TypeError, ValueError) as error:
            raise DamagedValueError from error


def _numbers(connection: sqlite3.Connection, selection: Selection) -> list[int] | None:
    """Return the numbers of the selected memories; None for all."""
    if not has_filters(selection):
        return None
    where, values = condition(selection)
    rows = connection.execute(f"SELECT number FROM memories WHERE {where}", values)
    return [row[0] for row in rows]
