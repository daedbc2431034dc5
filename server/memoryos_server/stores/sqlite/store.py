"""Memory OS in one SQLite file."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from memoryos_server.per_process import PerProcess

from . import api_keys, idempotency, memories, tags_and_entities, text_search, vectors
from .database import MEMORY, Database
from .reembedding import SQLiteStaging

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable, Mapping, Sequence
    from datetime import datetime
    from pathlib import Path

    import numpy as np
    from numpy.typing import NDArray

    from memoryos_server.model.records import (
        Access,
        Claim,
        Entity,
        KeyRecord,
        Memory,
        RankingAttributes,
        Selection,
        Tag,
    )
    from memoryos_server.search.index.memory_index import AnalyzedQuery, Hits

    from .search_index import SearchIndex

__all__ = ["MEMORY", "SQLiteStore"]

_MAX_OFFSET = 2**62


class SQLiteStore:
    """The `Store` on a SQLite file, which several processes may share.

    Args:
        path: the file, or `MEMORY`; opened by the first call.
        embedder: the name of the embedder whose vectors are stored, or None for none.
        sync: as `Database` has it.
        busy_timeout: as `Database` has it.
    """

    def __init__(
        self,
        path: str | Path,
        *,
        embedder: str | None,
        sync: Literal["normal", "full"] = "normal",
        busy_timeout: float = 10.0,
    ) -> None:
        self._database = Database(path, sync=sync, busy_timeout=busy_timeout)
        self._embedder = embedder
        self._index = PerProcess(_new_search_index)

    def find_claim(self, owner: str, operation: str, key: str, since: datetime) -> Claim | None:
        """Read a claim, as `Store` says."""
        with self._database.read() as connection:
            return idempotency.find(connection, owner, operation, key, since)

    def add_memory(
        self, memory: Memory, vector: NDArray[np.float32] | None, claim: Claim | None
    ) -> Claim | None:
        """Add a memory, as `Store` says."""
        with self._database.write() as connection:
            earlier = None if claim is None else idempotency.settle(connection, claim)
            if earlier is None:
                memories.purge_expired(connection, memory.created_at)
                memories.insert(connection, memory, self._stored(connection, vector))
            return earlier

    def memory(self, owner: str, memory_id: str, now: datetime) -> Memory | None:
        """Read a memory, as `Store` says."""
        with self._database.read() as connection:
            return memories.find(connection, owner, memory_id, now)

    def page_of_memories(
        self, selection: Selection, limit: int, offset: int
    ) -> tuple[list[Memory], int]:
        """Read a page of memories, as `Store` says."""
        with self._database.read() as connection:
            return memories.page(connection, selection, limit, _bounded(offset))

    def change_memory(
        self,
        owner: str,
        memory_id: str,
        change: Callable[[Memory], Memory],
        vector: NDArray[np.float32] | None,
        now: datetime,
    ) -> Memory | None:
        """Change a memory, as `Store` says."""
        with self._database.write() as connection:
            before = memories.find(connection, owner, memory_id, now)
            if before is None:
                return None
            stored = self._stored(connection, vector)
            return memories.change(connection, before, change, stored)

    def remove_memory(self, owner: str, memory_id: str, now: datetime) -> bool:
        """Delete a memory, as `Store` says."""
        with self._database.write() as connection:
            if memories.find(connection, owner, memory_id, now) is None:
                return False
            memories.remove(connection, memory_id)
            return True

    def record_accesses(self, accesses: Mapping[str, Access], *, wait: bool) -> bool:
        """Add up accesses, as `Store` says."""
        lend = self._database.write if wait else self._database.write_unless_busy
        with lend() as connection:
            if connection is None:
                return False
            memories.record_accesses(connection, accesses)
            return True

    def search(self, selection: Selection, probe: AnalyzedQuery, count: int) -> Hits:
        """Search by vector and cues, as `Store` says."""
        with self._database.read() as connection:
            self._check_embedder(connection)
            return self._index.get().search(connection, selection, probe, count)

    def matching(
        self, selection: Selection, words: Sequence[str], count: int
    ) -> list[tuple[int, int]]:
        """Search by words, as `Store` says."""
        with self._database.read() as connection:
            return text_search.matching(connection, selection, words, count)

    def numbered(self, owner: str, numbers: Sequence[int]) -> dict[int, Memory]:
        """Read memories by number, as `Store` says."""
        with self._database.read() as connection:
            return memories.numbered(connection, owner, numbers)

    def standings(self, owner: str, numbers: Sequence[int]) -> dict[int, RankingAttributes]:
        """Read how memories stand, as `Store` says."""
        with self._database.read() as connection:
            return memories.standings(connection, owner, numbers)

    def newest(self, selection: Selection, count: int) -> list[int]:
        """Read the newest numbers, as `Store` says."""
        with self._database.read() as connection:
            return memories.newest(connection, selection, count)

    def unembedded(self, count: int) -> list[Memory]:
        """Read memories without a vector, as `Store` says."""
        with self._database.read() as connection:
            return memories.unembedded(connection, count)

    def add_vectors(self, embedded: Sequence[tuple[Memory, NDArray[np.float32]]]) -> None:
        """Add missing vectors, as `Store` says."""
        with self._database.write() as connection:
            for memory, vector in embedded:
                memories.add_vector(connection, memory, self._stored(connection, vector))

    def page_of_tags(
        self,
        owner: str,
        *,
        search: str | None,
        sort: str,
        order: str,
        limit: int,
        offset: int,
        now: datetime,
    ) -> tuple[list[Tag], int]:
        """Read a page of tags, as `Store` says."""
        with self._database.read() as connection:
            return tags_and_entities.page_of_tags(
                connection,
                owner,
                search=search,
                sort=sort,
                order=order,
                limit=limit,
                offset=_bounded(offset),
                now=now,
            )

    def add_entity(self, entity: Entity, claim: Claim | None) -> Claim | None:
        """Add an entity, as `Store` says."""
        with self._database.write() as connection:
            earlier = None if claim is None else idempotency.settle(connection, claim)
            if earlier is None:
                tags_and_entities.insert_entity(connection, entity)
            return earlier

    def names_of_entities(self, owner: str, ids: Sequence[str]) -> dict[str, tuple[str, ...]]:
        """Read names and aliases, as `Store` says."""
        with self._database.read() as connection:
            return tags_and_entities.names_of_entities(connection, owner, ids)

    def page_of_entities(
        self, owner: str, *, entity_type: str | None, search: str | None, limit: int, offset: int
    ) -> tuple[list[Entity], int]:
        """Read a page of entities, as `Store` says."""
        with self._database.read() as connection:
            return tags_and_entities.page_of_entities(
                connection,
                owner,
                entity_type=entity_type,
                search=search,
                limit=limit,
                offset=_bounded(offset),
            )

    def add_key(self, key: KeyRecord) -> None:
        """Add an API key, as `Store` says."""
        with self._database.write() as connection:
            api_keys.insert(connection, key)

    def key(self, key_hash: str) -> KeyRecord | None:
        """Read an API key, as `Store` says."""
        with self._database.read() as connection:
            return api_keys.find(connection, key_hash)

    def every_key(self) -> list[KeyRecord]:
        """Read all API keys, as `Store` says."""
        with self._database.read() as connection:
            return api_keys.every(connection)

    def revoke_key(self, key_hash: str, now: datetime) -> None:
        """Revoke an API key, as `Store` says."""
        with self._database.write() as connection:
            api_keys.revoke(connection, key_hash, now)

    def check_embedder(self) -> None:
        """Compare embedders, as `Store` says."""
        with self._database.read() as connection:
            self._check_embedder(connection)

    @property
    def staging(self) -> SQLiteStaging:
        """Changes the embedder, as `Store` says."""
        return SQLiteStaging(self._database)

    def close(self) -> None:
        """Close the database; may be called again."""
        self._database.close()

    def _stored(
        self, connection: sqlite3.Connection, vector: NDArray[np.float32] | None
    ) -> bytes | None:
        """Return a vector as it is stored, after making sure that it may be."""
        if vector is None:
            return None
        self._check_embedder(connection, claim=True)
        return vector.astype("<f4").tobytes()

    def _check_embedder(self, connection: sqlite3.Connection, *, claim: bool = False) -> None:
        if self._embedder is not None:
            vectors.check_embedder(connection, self._embedder, claim=claim)


def _bounded(offset: int) -> int:
    """Return an offset that SQLite can hold; no table is as long."""
    return min(offset, _MAX_OFFSET)


def _new_search_index() -> SearchIndex:
    # NumPy comes with embedders only; a store without one does without it.
    from .search_index import SearchIndex

    return SearchIndex()
