"""The `Store` on a SQLite file."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Literal

from memoryos_server.per_process import PerProcess
from memoryos_server.stores.analyses import Analyses
from memoryos_server.stores.group_commit import GroupCommit
from memoryos_server.stores.limits import clamp_offset
from memoryos_server.stores.purge_schedule import PurgeSchedule
from memoryos_server.stores.renewal import BackgroundRenewal
from memoryos_server.stores.store_state import SchemaAge, StoreState
from memoryos_server.stores.upserts import naming, without_key

from . import (
    api_keys,
    derived_data,
    idempotency,
    memories,
    tags_and_entities,
    text_search,
    vectors,
)
from .database import BUSY_TIMEOUT_SECONDS, MEMORY, Database
from .migration import schema_age
from .owners import count_by_owner, with_keys
from .reembedding import SQLiteReembeddingStore

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from datetime import datetime
    from pathlib import Path

    import numpy as np
    from numpy.typing import NDArray

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

    from .search_index import SearchIndex

__all__ = ["MEMORY", "SQLiteStore"]


class SQLiteStore:
    """The `Store` on a SQLite file, which several processes may share.

    Args:
        path: the file, or `MEMORY`; the first call opens it.
        embedder: the name of the embedder whose vectors are stored, or None.
        sync: see `Database`.
        busy_timeout: see `Database`.
    """

    def __init__(
        self,
        path: str | Path,
        *,
        embedder: str | None,
        sync: Literal["normal", "full"] = "normal",
        busy_timeout: float = BUSY_TIMEOUT_SECONDS,
    ) -> None:
        self._database = Database(
            path, sync=sync, busy_timeout=busy_timeout, on_open=self._begin_renewal
        )
        self._embedder = embedder
        self._index = PerProcess(_new_search_index)
        self._purges = PerProcess(PurgeSchedule)
        self._renewal = PerProcess(lambda: BackgroundRenewal(self._renewals, self._database.name))
        self._group = PerProcess(lambda: GroupCommit(self._database.write))

    @property
    def accepts_writes(self) -> bool:
        """Implement `MemoryStore.accepts_writes`."""
        return self._database.accepts_writes

    def find_idempotency_record(
        self, owner: str, operation: str, key: str, now: datetime
    ) -> IdempotencyRecord | None:
        """Implement `IdempotencyStore.find_idempotency_record`."""
        with self._database.read() as connection:
            return idempotency.find(connection, owner, operation, key, now)

    def add_memory(
        self,
        memory: Memory,
        vector: NDArray[np.float32] | None,
        idempotency_record: IdempotencyRecord | None,
        within: Selection,
    ) -> IdempotencyRecord | None:
        """Implement `MemoryStore.add_memory`."""
        analyses = Analyses()
        analyses.prepare_insert(memory)

        def add(connection: sqlite3.Connection) -> tuple[IdempotencyRecord | None, bool]:
            earlier = idempotency.insert(connection, idempotency_record, within.now)
            if earlier is not None:
                return earlier, False
            has_purged = self._purge(connection, memory.owner, within.now)
            encoded = self._encode_vector(connection, vector)
            memories.insert(connection, memory, encoded, analyses, within)
            return None, has_purged

        earlier, has_purged = self._group.get().run(add)
        if has_purged:
            self._database.erase_deleted()
        return earlier

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
        # The lock of the writer makes other upserts wait, also those of other processes.
        with self._database.write() as connection:
            found, _ = memories.page(connection, target, 1, 0)
            record = naming(idempotency_record, found)
            earlier = idempotency.insert(connection, record, target.now)
            if earlier is not None:
                return earlier
            is_erasure_due = self._purge(connection, memory.owner, target.now)
            encoded = self._encode_vector(connection, vector)
            within = without_key(target)
            if found:
                after = memories.update(connection, found[0], change, encoded, analyses, within)
                is_erasure_due |= _replaces_text(found[0], after)
            else:
                after = memory
                memories.insert(connection, memory, encoded, analyses, within)
        if is_erasure_due:
            self._database.erase_deleted()
        return after

    def before_creation(
        self, owner: str, key: str | None, now: datetime
    ) -> tuple[datetime | None, IdempotencyRecord | None]:
        """Implement `MemoryStore.before_creation`."""
        with self._database.read() as connection:
            newest = memories.newest_creation(connection, owner)
            if key is None:
                return newest, None
            return newest, idempotency.find(connection, owner, "create_memory", key, now)

    def find_memory(self, within: Selection, memory_id: str) -> Memory | None:
        """Implement `MemoryStore.find_memory`."""
        with self._database.read() as connection:
            return memories.find(connection, within, memory_id)

    def list_memories(
        self, selection: Selection, limit: int, offset: int
    ) -> tuple[list[Memory], int]:
        """Implement `MemoryStore.list_memories`."""
        with self._database.read() as connection:
            return memories.page(connection, selection, limit, clamp_offset(offset))

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
        with self._database.write() as connection:
            before = memories.find(connection, within, memory_id)
            if before is None:
                return None
            encoded = self._encode_vector(connection, vector)
            after = memories.update(connection, before, change, encoded, analyses, within)
        if _replaces_text(before, after):
            self._database.erase_deleted()
        return after

    def delete_memory(self, within: Selection, memory_id: str) -> bool:
        """Implement `MemoryStore.delete_memory`."""
        analyses = Analyses()
        expected = self.find_memory(within, memory_id)
        if expected is None:
            return False
        analyses.prepare_delete(expected)
        with self._database.write() as connection:
            memory = memories.find(connection, within, memory_id)
            if memory is None:
                return False
            memories.delete(connection, memory, analyses)
        self._database.erase_deleted()
        return True

    def record_accesses(self, owner: str, accesses: Mapping[str, Access], *, wait: bool) -> bool:
        """Implement `MemoryStore.record_accesses`."""
        lend = self._database.write if wait else self._database.write_unless_busy
        with lend() as connection:
            if connection is None:
                return False
            memories.record_accesses(connection, owner, accesses)
            return True

    def search(self, selection: Selection, query: AnalyzedQuery, count: int) -> Hits:
        """Implement `CandidateSource.search`."""
        with self._database.read() as connection:
            self._check_embedder(connection)
            return self._index.get().search(connection, selection, query, count)

    def match_words(self, selection: Selection, words: Sequence[str], count: int) -> list[WordHit]:
        """Implement `CandidateSource.match_words`."""
        self._renew_before_search(selection.owner)
        with self._database.read() as connection:
            return text_search.match_words(connection, selection, words, count)

    def newest_numbers(self, selection: Selection, count: int) -> list[int]:
        """Implement `CandidateSource.newest_numbers`."""
        with self._database.read() as connection:
            return memories.newest_numbers(connection, selection, count)

    def memories_without_vectors(self, owner: str, count: int) -> list[Memory]:
        """Implement `CandidateSource.memories_without_vectors`."""
        with self._database.read() as connection:
            unstored = self._index.get().unstored_changes(owner)
            return memories.without_vectors(connection, owner, count, unstored)

    def add_vectors(self, embedded: Sequence[tuple[Memory, NDArray[np.float32]]]) -> None:
        """Implement `CandidateSource.add_vectors`; in memory if the file can't be written."""
        if not self._database.accepts_writes:
            self._keep_vectors(embedded)
            return
        analyses = Analyses()
        for memory, _ in embedded:
            analyses.terms(memory)
        with self._database.write() as connection:
            for memory, vector in embedded:
                encoded = self._encode_vector(connection, vector)
                memories.add_vector(connection, memory, encoded, analyses)

    def memories_by_number(self, owner: str, numbers: Sequence[int]) -> dict[int, Memory]:
        """Implement `SearchStore.memories_by_number`."""
        with self._database.read() as connection:
            return memories.by_number(connection, owner, numbers)

    def ranking_attributes(
        self, owner: str, numbers: Sequence[int]
    ) -> dict[int, RankingAttributes]:
        """Implement `SearchStore.ranking_attributes`."""
        with self._database.read() as connection:
            return memories.ranking_attributes(connection, owner, numbers)

    def entity_names(self, owner: str, ids: Sequence[str]) -> dict[str, tuple[str, ...]]:
        """Implement `SearchStore.entity_names`."""
        with self._database.read() as connection:
            return tags_and_entities.entity_names(connection, owner, ids)

    def list_tags(self, selection: TagSelection, limit: int, offset: int) -> tuple[list[Tag], int]:
        """Implement `TagAndEntityStore.list_tags`."""
        with self._database.read() as connection:
            return tags_and_entities.list_tags(connection, selection, limit, clamp_offset(offset))

    def add_entity(
        self, entity: Entity, idempotency_record: IdempotencyRecord | None
    ) -> IdempotencyRecord | None:
        """Implement `TagAndEntityStore.add_entity`."""
        has_purged = False
        with self._database.write() as connection:
            earlier = idempotency.insert(connection, idempotency_record, entity.created_at)
            if earlier is None:
                has_purged = self._purge(connection, entity.owner, entity.created_at)
                tags_and_entities.insert_entity(connection, entity)
        if has_purged:
            self._database.erase_deleted()
        return earlier

    def list_entities(
        self, selection: EntitySelection, limit: int, offset: int
    ) -> tuple[list[Entity], int]:
        """Implement `TagAndEntityStore.list_entities`."""
        with self._database.read() as connection:
            return tags_and_entities.list_entities(
                connection, selection, limit, clamp_offset(offset)
            )

    def add_key(self, key: KeyRecord) -> None:
        """Implement `KeyStore.add_key`."""
        with self._database.write() as connection:
            api_keys.insert(connection, key)

    def add_first_key(self, key: KeyRecord, publish: Callable[[], None]) -> bool:
        """Implement `KeyStore.add_first_key`."""
        with self._database.write() as connection:
            if api_keys.list_all(connection):
                return False
            api_keys.insert(connection, key)
            publish()
            return True

    def find_key(self, key_hash: str) -> KeyRecord | None:
        """Implement `KeyStore.find_key`."""
        with self._database.read() as connection:
            return api_keys.find(connection, key_hash)

    def find_key_of(self, owner: str, key_id: str) -> KeyRecord | None:
        """Implement `KeyStore.find_key_of`."""
        with self._database.read() as connection:
            return api_keys.find_of_owner(connection, owner, key_id)

    def list_keys(self, owner: str | None = None) -> list[KeyRecord]:
        """Implement `KeyStore.list_keys`."""
        with self._database.read() as connection:
            return api_keys.list_all(connection, owner)

    def revoke_key(self, key_hash: str, now: datetime) -> None:
        """Implement `KeyStore.revoke_key`."""
        with self._database.write() as connection:
            api_keys.revoke(connection, key_hash, now)

    def check_embedder(self) -> None:
        """Implement `EmbeddingStore.check_embedder`."""
        with self._database.read() as connection:
            self._check_embedder(connection)

    @property
    def reembedding(self) -> SQLiteReembeddingStore:
        """Implement `EmbeddingStore.reembedding`."""
        return SQLiteReembeddingStore(self._database)

    def owners(self) -> dict[str, int]:
        """Implement `OwnerStore.owners`."""
        with self._database.read() as connection:
            return count_by_owner(connection)

    def state(self) -> StoreState:
        """Implement `Store.state`."""
        self._database.check_file()
        with self._database.read() as connection:
            schema = schema_age(connection)
            stored = None
            if schema is SchemaAge.CURRENT and self._embedder is not None:
                stored = vectors.stored_embedder(connection)
        has_other = stored not in {None, self._embedder}
        return StoreState(self._database.accepts_writes, schema, has_other)

    def statistics(self) -> dict[str, float]:
        """Implement `Store.statistics`."""
        return self._database.statistics()

    def close(self) -> None:
        """Implement `Store.close`."""
        self._renewal.get().stop()
        self._database.close()

    def _begin_renewal(self, connection: sqlite3.Connection) -> None:
        if derived_data.is_outdated(connection):
            self._renewal.get().start()

    def _renewals(self) -> Iterator[int]:
        """Renew what an older program derived from texts; yield the number of each batch."""
        for owner in self.owners():
            while count := self._renew_some(owner):
                yield count
        with self._database.write() as connection:
            derived_data.end_renewal(connection)

    def _renew_before_search(self, owner: str) -> None:
        """Renew what is left of an owner's memories, unless the database can't be written."""
        while self._database.accepts_writes and self._renewal.get().is_pending:
            if not self._renew_some(owner):
                return

    def _renew_some(self, owner: str) -> int:
        """Renew some memories of an owner; return how many, 0 if none are left."""
        with self._renewal.get().lock:
            with self._database.read() as connection:
                found = derived_data.outdated(connection, owner)
            if found:
                analyses = Analyses()
                for memory in found.values():
                    if memory is not None:
                        analyses.prepare_insert(memory)
                with self._database.write() as connection:
                    derived_data.renew(connection, owner, list(found), analyses)
            return len(found)

    def _keep_vectors(self, embedded: Sequence[tuple[Memory, NDArray[np.float32]]]) -> None:
        kept: defaultdict[str, dict[int, bytes]] = defaultdict(dict)
        with self._database.read() as connection:
            for memory, vector in embedded:
                change = memories.change_without_vector(connection, memory)
                if change is not None:
                    kept[memory.owner][change] = _vector_bytes(vector)
        for owner, vectors_by_change in kept.items():
            self._index.get().keep_vectors(owner, vectors_by_change)

    def _purge(self, connection: sqlite3.Connection, owner: str, now: datetime) -> bool:
        """Delete expired rows if it is time. Return whether any memory was deleted."""
        schedule, any_deleted = self._purges.get(), False
        for name in schedule.due(owner, now, lambda: with_keys(connection)):
            purged = memories.purge_expired(connection, name, now)
            any_deleted |= purged.any_deleted
            if idempotency.purge_expired(connection, name, now) or purged.more_left:
                schedule.unfinished(name)
        return any_deleted

    def _encode_vector(
        self, connection: sqlite3.Connection, vector: NDArray[np.float32] | None
    ) -> bytes | None:
        """Return a vector as it is stored, after checking the embedder."""
        if vector is None:
            return None
        self._check_embedder(connection, writes=True)
        return _vector_bytes(vector)

    def _check_embedder(self, connection: sqlite3.Connection, *, writes: bool = False) -> None:
        if self._embedder is not None:
            vectors.check_embedder(connection, self._embedder, writes=writes)


def _replaces_text(before: Memory, after: Memory) -> bool:
    return (after.content, after.metadata) != (before.content, before.metadata)


def _vector_bytes(vector: NDArray[np.float32]) -> bytes:
    return vector.astype("<f4").tobytes()


def _new_search_index() -> SearchIndex:
    # Imported late: NumPy is installed only with an embedder.
    from .search_index import SearchIndex

    return SearchIndex()
