"""The `Store` on a PostgreSQL database."""

from __future__ import annotations

from functools import partial, wraps
from typing import TYPE_CHECKING, Any, TypeVar, cast

from psycopg.errors import LockNotAvailable, SerializationFailure

from memoryos_server.per_process import PerProcess
from memoryos_server.stores.analyses import Analyses
from memoryos_server.stores.limits import clamp_offset
from memoryos_server.stores.renewal import BackgroundRenewal
from memoryos_server.stores.store_state import StoreState
from memoryos_server.stores.upserts import naming, without_key

from . import (
    api_keys,
    derived_data,
    idempotency,
    memories,
    owners,
    tags_and_entities,
    text_search,
    vector_setup,
)
from .database import POOL_TIMEOUT_SECONDS, Database
from .error_translation import translated
from .idempotency import RepeatedKeyError
from .locks import FIRST_KEY_LOCK, SHARED_LOCK, lock_external_id
from .maintenance import Maintenance
from .reembedding import PostgresReembeddingStore
from .schema import schema_age
from .session_settings import NO_TIMEOUT
from .stored_embedder import StoredEmbedder

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from datetime import datetime

    import numpy as np
    from numpy.typing import NDArray
    from psycopg import Connection

    from memoryos_server.model.idempotency import IdempotencyRecord
    from memoryos_server.model.records import (
        Access,
        Entity,
        EntitySelection,
        KeyRecord,
        Memory,
        RankingAttributes,
        Selection,
        Tag,
        TagSelection,
    )
    from memoryos_server.search.feature_scores import AnalyzedQuery
    from memoryos_server.search.index.memory_index import Hits
    from memoryos_server.search.protocols import WordHit
    from memoryos_server.stores.database_url import Address

    from .owner_statistics import KnownOwners

__all__ = ["PostgresStore"]


Method = TypeVar("Method", bound="Callable[..., Any]")


def _reads(method: Method) -> Method:
    """Translate the errors of a method of the store that reads rows after their transaction."""

    @wraps(method)
    def translating(store: PostgresStore, *args: Any, **kwargs: Any) -> Any:
        with translated(store._database.name):  # noqa: SLF001 - a method of the class
            return method(store, *args, **kwargs)

    return cast("Method", translating)


def _known_owners() -> KnownOwners:
    # Imported late: NumPy is installed only with an embedder.
    from .owner_statistics import KnownOwners

    return KnownOwners()


class PostgresStore:
    """The `Store` on a PostgreSQL database with pgvector.

    It keeps only connections between calls, so any number of processes may serve one database. All
    tables are in the schema `memoryos`, which the first call creates.

    Args:
        address: the address of the database.
        embedder: the name of the embedder whose vectors are stored, or None.
        may_create: see `Database`.
        pool_timeout: see `Database`.
    """

    def __init__(
        self,
        address: Address,
        *,
        embedder: str | None,
        may_create: bool = True,
        pool_timeout: float = POOL_TIMEOUT_SECONDS,
    ) -> None:
        self._database = Database(
            address,
            may_create=may_create,
            pool_timeout=pool_timeout,
            on_open=self._begin_renewal,
        )
        self._embedder = StoredEmbedder(self._database, embedder)
        self._maintenance = Maintenance(self._database)
        self._known_owners = PerProcess(_known_owners)
        self._renewal = PerProcess(lambda: BackgroundRenewal(self._renewals, self._database.name))

    @property
    def accepts_writes(self) -> bool:
        """Implement `MemoryStore.accepts_writes`."""
        return self._database.accepts_writes

    @_reads
    def find_idempotency_record(
        self, owner: str, operation: str, key: str, now: datetime
    ) -> IdempotencyRecord | None:
        """Implement `IdempotencyStore.find_idempotency_record`."""
        return idempotency.read(idempotency.select(self._database, owner, operation, key, now))

    def add_memory(
        self,
        memory: Memory,
        vector: NDArray[np.float32] | None,
        idempotency_record: IdempotencyRecord | None,
        within: Selection,
    ) -> IdempotencyRecord | None:
        """Implement `MemoryStore.add_memory`."""
        analyses = Analyses()
        analyses.words(memory)
        if vector is not None:
            analyses.terms(memory)

        def add(connection: Connection[tuple[Any, ...]]) -> None:
            self._insert(connection, memory, vector, idempotency_record, within, analyses)

        self._embedder.prepare_for(vector)
        try:
            self._database.write(add)
        except RepeatedKeyError as error:
            return error.earlier
        self._maintain(memory.owner, within.now)
        self._maintenance.collect_statistics()
        return None

    def upsert_memory(
        self,
        memory: Memory,
        vector: NDArray[np.float32] | None,
        idempotency_record: IdempotencyRecord | None,
        target: Selection,
        change: Callable[[Memory], Memory],
    ) -> Memory | IdempotencyRecord:
        """Implement `MemoryStore.upsert_memory`."""
        analyses = Analyses()
        expected, _ = self.list_memories(target, 1, 0)
        analyses.prepare_upsert(expected, memory, change)
        within = without_key(target)

        def upsert(connection: Connection[tuple[Any, ...]]) -> Memory:
            lock_external_id(connection, target)
            found, _ = memories.read_page(memories.select_page(connection, target, 1, 0))
            record = naming(idempotency_record, found)
            if not found:
                self._insert(connection, memory, vector, record, within, analyses)
                return memory
            inserted = idempotency.insert(connection, record, target.now)
            settings = vector_setup.select_settings(connection)
            idempotency.check_inserted(connection, inserted, record, target.now)
            self._embedder.check_write(settings, vector)
            after = memories.update(connection, target, found[0].id, change, vector, analyses)
            if after is None:  # deleted, or given other tags, after it was found
                raise SerializationFailure
            return after

        self._embedder.prepare_for(vector)
        try:
            stored = self._database.write(upsert)
        except RepeatedKeyError as error:
            return error.earlier
        self._maintain(memory.owner, target.now)
        return stored

    @_reads
    def before_creation(
        self, owner: str, key: str | None, now: datetime
    ) -> tuple[datetime | None, IdempotencyRecord | None]:
        """Implement `MemoryStore.before_creation`."""
        newest, record = self._database.query(
            lambda connection: (
                memories.select_newest_creation(connection, owner),
                idempotency.select(connection, owner, "create_memory", key, now),
            )
        )
        return memories.read_newest_creation(newest), idempotency.read(record)

    @_reads
    def find_memory(self, within: Selection, memory_id: str) -> Memory | None:
        """Implement `MemoryStore.find_memory`."""
        return memories.find(self._database, within, memory_id)

    @_reads
    def list_memories(
        self, selection: Selection, limit: int, offset: int
    ) -> tuple[list[Memory], int]:
        """Implement `MemoryStore.list_memories`."""
        select = partial(
            memories.select_page, selection=selection, limit=limit, offset=clamp_offset(offset)
        )
        return memories.read_page(self._database.query(select))

    def update_memory(
        self,
        within: Selection,
        memory_id: str,
        change: Callable[[Memory], Memory],
        vector: NDArray[np.float32] | None,
    ) -> Memory | None:
        """Implement `MemoryStore.update_memory`."""
        analyses = Analyses()
        expected = self.find_memory(within, memory_id)
        if expected is None:
            return None
        analyses.prepare_update(expected, change(expected))

        def update(connection: Connection[tuple[Any, ...]]) -> Memory | None:
            settings = vector_setup.select_settings(connection)
            if vector is not None:
                self._embedder.check_write(settings, vector)
            updated = memories.update(connection, within, memory_id, change, vector, analyses)
            if vector is None:  # the answer came with the first one of the update
                self._embedder.check_write(settings)
            return updated

        self._embedder.prepare_for(vector)
        return self._database.write(update)

    def delete_memory(self, within: Selection, memory_id: str) -> bool:
        """Implement `MemoryStore.delete_memory`."""
        return self._database.write(
            lambda connection: memories.delete(connection, within, memory_id)
        )

    def record_accesses(self, owner: str, accesses: Mapping[str, Access], *, wait: bool) -> bool:
        """Implement `MemoryStore.record_accesses`."""
        try:
            self._database.write(
                partial(memories.record_accesses, owner=owner, accesses=accesses, wait=wait)
            )
        except LockNotAvailable:
            return False
        return True

    @_reads
    def search(self, selection: Selection, query: AnalyzedQuery, count: int) -> Hits:
        """Implement `CandidateSource.search`; approximate for an owner with many memories."""
        # Imported late: NumPy is installed only with an embedder.
        from memoryos_server.search.index.memory_index import Hits

        from . import search

        def find(connection: Connection[tuple[Any, ...]]) -> search.Found | search.Asked | None:
            settings = vector_setup.select_settings(connection)
            limit = search.MAX_MEMORIES_COMPARED_IN_FULL
            beyond = memories.select_beyond(connection, selection.owner, limit)
            if self._embedder.dimension(settings) is None:
                return None
            if beyond.fetchone() is None:
                return search.ask(connection, selection, query)
            typical = self._known_owners.get().statistics(
                connection, selection.owner, selection.now
            )
            return search.find(connection, selection, query, count, typical)

        # Without the lock, the embedder could be replaced between the check and the search.
        found = self._database.query(find, lock=SHARED_LOCK)
        return Hits.none() if found is None else search.rank(found, query, count)

    @_reads
    def match_words(self, selection: Selection, words: Sequence[str], count: int) -> list[WordHit]:
        """Implement `CandidateSource.match_words`."""
        self._renew_before_search(selection.owner)
        return text_search.match_words(self._database, selection, words, count)

    @_reads
    def newest_numbers(self, selection: Selection, count: int) -> list[int]:
        """Implement `CandidateSource.newest_numbers`."""
        return memories.newest_numbers(self._database, selection, count)

    @_reads
    def memories_without_vectors(self, owner: str, count: int) -> list[Memory]:
        """Implement `CandidateSource.memories_without_vectors`; none if none can be stored."""
        found = memories.without_vectors(self._database, owner, count)
        return found if self._database.accepts_writes else []

    def add_vectors(self, embedded: Sequence[tuple[Memory, NDArray[np.float32]]]) -> None:
        """Implement `CandidateSource.add_vectors`."""
        analyses = Analyses()
        for memory, _ in embedded:
            analyses.terms(memory)

        def add(connection: Connection[tuple[Any, ...]]) -> None:
            for _, vector in embedded[:1]:
                self._embedder.check_write(vector_setup.select_settings(connection), vector)
            # All writers use the same order, so that two that add the same vectors can't deadlock.
            for memory, vector in sorted(embedded, key=lambda item: item[0].id):
                memories.add_vector(connection, memory, vector, analyses)

        for _, vector in embedded[:1]:
            self._embedder.prepare_for(vector)
        self._database.write(add)

    @_reads
    def memories_by_number(self, owner: str, numbers: Sequence[int]) -> dict[int, Memory]:
        """Implement `SearchStore.memories_by_number`."""
        return memories.by_number(self._database, owner, numbers)

    @_reads
    def ranking_attributes(
        self, owner: str, numbers: Sequence[int]
    ) -> dict[int, RankingAttributes]:
        """Implement `SearchStore.ranking_attributes`."""
        return memories.ranking_attributes(self._database, owner, numbers)

    @_reads
    def entity_names(self, owner: str, ids: Sequence[str]) -> dict[str, tuple[str, ...]]:
        """Implement `SearchStore.entity_names`."""
        return tags_and_entities.entity_names(self._database, owner, ids)

    @_reads
    def list_tags(self, selection: TagSelection, limit: int, offset: int) -> tuple[list[Tag], int]:
        """Implement `TagAndEntityStore.list_tags`."""
        select = partial(
            tags_and_entities.select_tags,
            selection=selection,
            limit=limit,
            offset=clamp_offset(offset),
        )
        return tags_and_entities.read_tags(self._database.query(select))

    def add_entity(
        self, entity: Entity, idempotency_record: IdempotencyRecord | None
    ) -> IdempotencyRecord | None:
        """Implement `TagAndEntityStore.add_entity`."""

        def add(connection: Connection[tuple[Any, ...]]) -> None:
            record, now = idempotency_record, entity.created_at
            settings = vector_setup.select_settings(connection)
            inserted = idempotency.insert(connection, record, now)
            tags_and_entities.insert_entity(connection, entity)
            self._embedder.check_write(settings)
            idempotency.check_inserted(connection, inserted, record, now)

        try:
            self._database.write(add)
        except RepeatedKeyError as error:
            return error.earlier
        self._maintenance.purge(entity.owner, entity.created_at)
        return None

    @_reads
    def list_entities(
        self, selection: EntitySelection, limit: int, offset: int
    ) -> tuple[list[Entity], int]:
        """Implement `TagAndEntityStore.list_entities`."""
        select = partial(
            tags_and_entities.select_entities,
            selection=selection,
            limit=limit,
            offset=clamp_offset(offset),
        )
        return tags_and_entities.read_entities(self._database.query(select))

    def add_key(self, key: KeyRecord) -> None:
        """Implement `KeyStore.add_key`."""

        def add(connection: Connection[tuple[Any, ...]]) -> None:
            settings = vector_setup.select_settings(connection)
            api_keys.insert(connection, key)
            self._embedder.check_write(settings)

        self._database.write(add)

    def add_first_key(self, key: KeyRecord, publish: Callable[[], None]) -> bool:
        """Implement `KeyStore.add_first_key`."""

        def add(connection: Connection[tuple[Any, ...]]) -> bool:
            connection.execute(FIRST_KEY_LOCK)
            if api_keys.list_all(connection):
                return False
            settings = vector_setup.select_settings(connection)
            api_keys.insert(connection, key)
            self._embedder.check_write(settings)
            publish()
            return True

        return self._database.write(add)

    @_reads
    def find_key(self, key_hash: str) -> KeyRecord | None:
        """Implement `KeyStore.find_key`."""
        return api_keys.find(self._database, key_hash)

    @_reads
    def find_key_of(self, owner: str, key_id: str) -> KeyRecord | None:
        """Implement `KeyStore.find_key_of`."""
        return api_keys.find_of_owner(self._database, owner, key_id)

    @_reads
    def list_keys(self, owner: str | None = None) -> list[KeyRecord]:
        """Implement `KeyStore.list_keys`."""
        return api_keys.list_all(self._database, owner)

    def revoke_key(self, key_hash: str, now: datetime) -> None:
        """Implement `KeyStore.revoke_key`."""
        self._database.write(lambda connection: api_keys.revoke(connection, key_hash, now))

    def check_embedder(self) -> None:
        """Implement `EmbeddingStore.check_embedder`; also check that vectors can be stored."""
        self._embedder.check_installable()

    @property
    def reembedding(self) -> PostgresReembeddingStore:
        """Implement `EmbeddingStore.reembedding`."""
        return PostgresReembeddingStore(self._database)

    def owners(self) -> dict[str, int]:
        """Implement `OwnerStore.owners`."""
        return self._database.query(owners.count_by_owner, timeout_seconds=NO_TIMEOUT)

    def state(self) -> StoreState:
        """Implement `Store.state`."""
        settings = self._database.settings()
        schema = schema_age(settings, self._database.name)
        has_other = self._embedder.differs_from(settings)
        return StoreState(self._database.accepts_writes, schema, has_other)

    def statistics(self) -> dict[str, float]:
        """Implement `Store.statistics`."""
        return self._database.statistics()

    def close(self) -> None:
        """Implement `Store.close`."""
        self._renewal.get().stop()
        self._database.close()

    def _begin_renewal(self, connection: Connection[tuple[Any, ...]]) -> None:
        if self._database.accepts_writes and derived_data.is_outdated(connection):
            self._renewal.get().start()

    def _renewals(self) -> Iterator[int]:
        """Renew what an older program derived from texts; yield the number of each batch."""
        for owner in self.owners():
            while count := self._renew_some(owner):
                yield count
        self._database.write(derived_data.end_renewal)

    def _renew_before_search(self, owner: str) -> None:
        """Renew what is left of an owner's memories, unless the database can't be written."""
        self._database.open()
        while self._database.accepts_writes and self._renewal.get().is_pending:
            if not self._renew_some(owner):
                return

    def _renew_some(self, owner: str) -> int:
        """Renew some memories of an owner; return how many, 0 if none are left."""
        with self._renewal.get().lock:
            found = derived_data.outdated(self._database, owner)
            if found:
                analyses = Analyses()
                for memory in found.values():
                    if memory is not None:
                        analyses.prepare_insert(memory)
                self._database.write(
                    partial(derived_data.renew, owner=owner, numbers=list(found), analyses=analyses)
                )
            return len(found)

    def _insert(
        self,
        connection: Connection[tuple[Any, ...]],
        memory: Memory,
        vector: NDArray[np.float32] | None,
        record: IdempotencyRecord | None,
        within: Selection,
        analyses: Analyses,
    ) -> None:
        """Store a new memory, in two round trips: all is asked before an answer is waited for.

        Raises:
            RepeatedKeyError: the key of the request has a valid record.
            UnknownParentError: the parent memory isn't one of `within`.
        """
        key = idempotency.insert(connection, record, within.now)
        settings = vector_setup.select_settings(connection)
        if memory.parent_memory_id is not None:
            idempotency.check_inserted(connection, key, record, within.now)
            key = None
            memories.check_parent(connection, memory, within)
        words = analyses.words(memory)
        inserted = memories.insert(connection, memory, words, embedded=vector is not None)
        idempotency.check_inserted(connection, key, record, within.now)
        self._embedder.check_write(settings, vector)
        is_indexed = self._maintenance.is_indexed(memory.owner)
        memories.complete(connection, inserted, memory, vector, analyses, is_indexed=is_indexed)

    def _maintain(self, owner: str, now: datetime) -> None:
        """Do what is due after the write of a memory."""
        self._maintenance.purge(owner, now)
        if self._embedder.is_prepared:
            self._maintenance.index_vectors(owner, now)
