"""Memory OS in a PostgreSQL database, which any number of processes may share."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from psycopg.errors import LockNotAvailable

from memoryos_server.model.errors import unavailable

from . import api_keys, idempotency, memories, tags_and_entities, text_search, vector_setup
from .database import Database
from .reembedding import PostgresStaging

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import datetime
    from typing import Any

    import numpy as np
    from numpy.typing import NDArray
    from psycopg import Connection

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
    from memoryos_server.stores.database_url import Address

__all__ = ["PostgresStore"]

_MAX_OFFSET = 2**62


class PostgresStore:
    """The `Store` on a PostgreSQL database with pgvector.

    It keeps nothing between two calls but connections, so that as many processes as needed may
    serve one database. Everything is in the schema `memoryos`, which the first call makes.

    Args:
        address: where the database is.
        embedder: the name of the embedder whose vectors are stored, or None for none.
        patience: as `Database` has it.
    """

    def __init__(self, address: Address, *, embedder: str | None, patience: float = 10.0) -> None:
        self._database = Database(address, patience=patience)
        self._embedder = embedder
        self._is_prepared = False

    def find_claim(self, owner: str, operation: str, key: str, since: datetime) -> Claim | None:
        """Read a claim, as `Store` says."""
        with self._database.read() as connection:
            return idempotency.find(connection, owner, operation, key, since)

    def add_memory(
        self, memory: Memory, vector: NDArray[np.float32] | None, claim: Claim | None
    ) -> Claim | None:
        """Add a memory, as `Store` says."""

        def add(connection: Connection[tuple[Any, ...]]) -> Claim | None:
            earlier = None if claim is None else idempotency.settle(connection, claim)
            if earlier is None:
                self._check_vector(connection, vector)
                memories.purge_expired(connection, memory.created_at)
                memories.insert(connection, memory, vector)
            return earlier

        self._prepare_for(vector)
        return self._database.write(add)

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

        def apply(connection: Connection[tuple[Any, ...]]) -> Memory | None:
            self._check_vector(connection, vector)
            return memories.change(connection, owner, memory_id, change, vector, now)

        self._prepare_for(vector)
        return self._database.write(apply)

    def remove_memory(self, owner: str, memory_id: str, now: datetime) -> bool:
        """Delete a memory, as `Store` says."""
        return self._database.write(
            lambda connection: memories.remove(connection, owner, memory_id, now)
        )

    def record_accesses(self, accesses: Mapping[str, Access], *, wait: bool) -> bool:
        """Add up accesses, as `Store` says."""
        try:
            self._database.write(partial(memories.record_accesses, accesses=accesses, wait=wait))
        except LockNotAvailable:
            return False
        return True

    def search(self, selection: Selection, probe: AnalyzedQuery, count: int) -> Hits:
        """Search by vector and cues, as `Store` says; of many memories, nearly always the best."""
        # NumPy comes with embedders only; a store without one does without it.
        from memoryos_server.search.index.memory_index import Hits

        from .search import search

        engine = self._database.engine
        # Else tables that another embedder has filled meanwhile could be read by their names.
        with self._database.read(engine.shared_lock) as connection:
            if self._check_embedder(connection) is None:
                return Hits.of_cosines([])
            return search(connection, engine, selection, probe, count)

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

        def add(connection: Connection[tuple[Any, ...]]) -> None:
            for _, vector in embedded[:1]:
                self._check_vector(connection, vector)
            # In one order for all: of two that add the same vectors, one waits for the other.
            for memory, vector in sorted(embedded, key=lambda item: item[0].id):
                memories.add_vector(connection, memory, vector)

        for _, vector in embedded[:1]:
            self._prepare_for(vector)
        self._database.write(add)

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

        def add(connection: Connection[tuple[Any, ...]]) -> Claim | None:
            earlier = None if claim is None else idempotency.settle(connection, claim)
            if earlier is None:
                tags_and_entities.insert_entity(connection, entity)
            return earlier

        return self._database.write(add)

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
        self._database.write(lambda connection: api_keys.insert(connection, key))

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
        self._database.write(lambda connection: api_keys.revoke(connection, key_hash, now))

    def check_embedder(self) -> None:
        """Compare embedders, as `Store` says; and make sure that vectors can be stored at all."""
        with self._database.read() as connection:
            is_new = self._check_embedder(connection) is None
        if is_new and self._embedder is not None:
            engine, name = self._database.engine, self._database.name
            self._database.write(lambda connection: vector_setup.install(connection, engine, name))

    @property
    def staging(self) -> PostgresStaging:
        """Changes the embedder, as `Store` says."""
        return PostgresStaging(self._database)

    def close(self) -> None:
        """Close the connections; may be called again."""
        self._database.close()

    def _prepare_for(self, vector: NDArray[np.float32] | None) -> None:
        """Make the table of vectors, in a transaction of its own, before the first is stored."""
        if vector is None or self._embedder is None or self._is_prepared:
            return
        prepare = partial(
            vector_setup.prepare,
            engine=self._database.engine,
            embedder=self._embedder,
            dimension=len(vector),
            name=self._database.name,
        )
        self._database.write(prepare)
        self._is_prepared = True

    def _check_vector(
        self, connection: Connection[tuple[Any, ...]], vector: NDArray[np.float32] | None
    ) -> None:
        if vector is None or self._embedder is None:
            return
        if self._check_embedder(connection) is None:  # `memoryos reembed` has dropped all vectors
            self._is_prepared = False
            raise unavailable("The database has just been changed")

    def _check_embedder(self, connection: Connection[tuple[Any, ...]]) -> int | None:
        if self._embedder is None:
            return None
        return vector_setup.check_embedder(connection, self._embedder, self._database.name)


def _bounded(offset: int) -> int:
    """Return an offset that PostgreSQL can hold; no table is as long."""
    return min(offset, _MAX_OFFSET)
