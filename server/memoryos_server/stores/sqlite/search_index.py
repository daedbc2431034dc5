"""In-memory search indexes of the owners of one database, each updated before its searches."""

# ruff: noqa: S608 - only constants of this package are put into the SQL, values are parameters

from __future__ import annotations

import threading
from collections import OrderedDict
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


MAX_LOADED_MEMORIES = 1_000_000
"""How many memories are kept in memory: beyond, those of the owners not searched for longest go."""

MEMORIES_PER_OWNER = 16
"""An owner counts as so many memories more: what is kept for one with few."""


class SearchIndex:
    """Searches memories by vectors and search terms. Threads may share it.

    The first search of an owner loads the owner's memories; later ones read what has changed.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._loaded: OrderedDict[str, _OwnersIndex] = OrderedDict()
        self._size = 0
        self._unstored: dict[str, dict[int, bytes]] = {}

    def unstored_changes(self, owner: str) -> list[int]:
        """Return the change numbers of an owner's memories whose vectors are kept here only."""
        with self._lock:
            return list(self._unstored.get(owner, ()))

    def keep_vectors(self, owner: str, vectors_by_change: Mapping[int, bytes]) -> None:
        """Keep vectors of an owner that can't be stored, because the database is read-only.

        Args:
            owner: the owner.
            vectors_by_change: the vectors, by the change number of a memory without one.
        """
        with self._lock:
            # Replaced, not changed: a search may be reading it.
            self._unstored[owner] = {**self._unstored.get(owner, {}), **vectors_by_change}
            self._forget(owner)  # the next search loads it with these vectors

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
        owner = selection.owner
        with self._lock:
            loaded = self._loaded.setdefault(owner, _OwnersIndex(owner))
            self._loaded.move_to_end(owner)
            unstored = self._unstored.get(owner, {})
        with loaded.lock:
            index = loaded.refresh(connection, len(query.vector), unstored)
            with self._lock:
                self._count(owner, loaded)
            return index.search(query, wanted=wanted, count=count)

    def _count(self, owner: str, loaded: _OwnersIndex) -> None:
        """Count the memories of an owner after a search, and forget others if there are many."""
        if self._loaded.get(owner) is not loaded:
            return  # another search forgot this one meanwhile
        size = loaded.size
        self._size += size - loaded.counted_size
        loaded.counted_size = size
        while self._size > MAX_LOADED_MEMORIES and len(self._loaded) > 1:
            first = next(iter(self._loaded))
            if first == owner:
                self._loaded.move_to_end(first)
            else:
                self._forget(first)

    def _forget(self, owner: str) -> None:
        loaded = self._loaded.pop(owner, None)
        if loaded is not None:
            self._size -= loaded.counted_size


class _OwnersIndex:
    """The index of one owner, and which changes it holds.

    Args:
        owner: the owner.
    """

    def __init__(self, owner: str) -> None:
        self.lock = threading.Lock()
        self.counted_size = 0
        self._owner = owner
        self._index: MemoryIndex | None = None
        self._last = 0

    @property
    def size(self) -> int:
        """How many memories it holds, and what it takes beside them."""
        return MEMORIES_PER_OWNER + (0 if self._index is None else len(self._index))

    def refresh(
        self, connection: sqlite3.Connection, dimension: int, unstored: Mapping[int, bytes]
    ) -> MemoryIndex:
        """Return the index with all changes that the connection sees; the caller holds the lock."""
        owner = self._owner
        if self._index is None or vectors.has_lost_deletions(connection, owner, self._last):
            self._index, self._last = MemoryIndex(dimension), 0
            self._index.reserve(vectors.count_memories(connection, owner))
        if vectors.has_changed(connection, owner, self._last):
            for batch in vectors.changes_since(connection, owner, self._last, unstored):
                self._index.discard(batch.deleted)
                _put(self._index, batch.stored)
                self._last = batch.last
        return self._index


def _put(index: MemoryIndex, entries: list[Entry]) -> None:
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
