"""The vectors of one database, held in memory and brought up to date before each search."""

# ruff: noqa: S608 - only constants of this package are put into the SQL, values are parameters
from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import numpy as np

from memoryos_server.stores.vector_index import VectorIndex

from . import vectors
from .columns import DamagedValueError, from_time
from .selections import condition

if TYPE_CHECKING:
    import sqlite3

    from numpy.typing import NDArray

    from memoryos_server.records import Selection
    from memoryos_server.stores.index_entry import Entry

__all__ = ["SearchIndex"]


class SearchIndex:
    """Finds the nearest vectors; safe to share between threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._index: VectorIndex | None = None
        self._last = 0

    def nearest(
        self,
        connection: sqlite3.Connection,
        selection: Selection,
        vector: NDArray[np.float32],
        count: int,
    ) -> list[tuple[int, float]]:
        """Return the numbers of the selected memories nearest to `vector`, each with its cosine.

        Args:
            connection: in a transaction; what it sees is what is searched, or newer.
            selection: which memories.
            vector: of unit length.
            count: how many at most.
        """
        allowed = _allowed(connection, selection)
        with self._lock:
            index = self._refresh(connection, len(vector))
            return index.nearest(
                vector,
                owner=selection.owner,
                tier=selection.tier,
                count=count,
                now=from_time(selection.now),
                allowed=allowed,
            )

    def _refresh(self, connection: sqlite3.Connection, dimension: int) -> VectorIndex:
        if self._index is None or vectors.is_forgotten(connection, self._last):
            self._index, self._last = VectorIndex(dimension), 0
        if not vectors.is_current(connection, self._last):
            for batch in vectors.changes(connection, self._last):
                self._index.discard(batch.gone)
                self._put(self._index, batch.stored)
                self._last = batch.last
        return self._index

    def _put(self, index: VectorIndex, entries: list[Entry]) -> None:
        try:
            index.put(entries)
        except ValueError as error:  # vectors of another length
            raise DamagedValueError from error


def _allowed(connection: sqlite3.Connection, selection: Selection) -> NDArray[np.int64] | None:
    """Return the numbers that filters beyond owner, tier and expiry leave, or None for all."""
    filters = (selection.memory_nature, selection.content_type, selection.refreshed_since)
    if all(value is None for value in filters) and not (selection.tags or selection.entities):
        return None
    where, values = condition(selection)
    rows = connection.execute(f"SELECT number FROM memories WHERE {where}", values)
    return np.fromiter((row[0] for row in rows), dtype=np.int64)
