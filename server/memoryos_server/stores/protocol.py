"""Interface between the service and the store, by subject.

Every method is one transaction, and several threads may call methods at once. A write is durable
when its method returns. If the store itself fails, its methods raise a `ServiceError` with status
500 or 503. Writes to a store that can only be read raise a `ReadOnlyStoreError`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from memoryos_server.search.protocols import CandidateSource

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import datetime

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

    from .reembedding import ReembeddingStore
    from .store_state import StoreState

__all__ = [
    "EmbeddingStore",
    "IdempotencyStore",
    "KeyStore",
    "MemoryStore",
    "OwnerStore",
    "SearchStore",
    "Store",
    "TagAndEntityStore",
    "UnknownParentError",
]


class UnknownParentError(LookupError):
    """The owner has no memory with the given parent's id."""


class IdempotencyStore(Protocol):
    """Idempotency records. The methods that create a record of any kind store them."""

    def find_idempotency_record(
        self, owner: str, operation: str, key: str, now: datetime
    ) -> IdempotencyRecord | None:
        """Return the record of an idempotency key that is valid at `now`, or None.

        A record is valid for 24 hours, and as long as the memory that it names exists: the memory
        is not returned after it was deleted or has expired.
        """


class MemoryStore(IdempotencyStore, Protocol):
    """Memories.

    A vector is a row that the embedder returned, of unit length, or None without an embedder.
    """

    @property
    def accepts_writes(self) -> bool:
        """Whether writes can succeed. If not, they raise a `ServiceError` at once."""

    def add_memory(
        self,
        memory: Memory,
        vector: NDArray[np.float32] | None,
        idempotency_record: IdempotencyRecord | None,
        within: Selection,
    ) -> IdempotencyRecord | None:
        """Store a memory and its idempotency record.

        Args:
            memory: the memory.
            vector: its vector.
            idempotency_record: the record of this request, or None.
            within: the memories that the caller can access, at the current time. The creation time
                of the memory may be later.

        Returns:
            None; or the valid earlier record of the same key, and then nothing is stored.

        Raises:
            UnknownParentError: the parent memory isn't one of `within`.
        """

    def upsert_memory(
        self,
        memory: Memory,
        vector: NDArray[np.float32] | None,
        idempotency_record: IdempotencyRecord | None,
        target: Selection,
        change: Callable[[Memory], Memory],
    ) -> Memory | IdempotencyRecord:
        """Replace the newest memory of `target` with the result of `change`, or store `memory`.

        Of several calls with the same external id, each sees what those before it have stored.

        Args:
            memory: the memory to store if there is none.
            vector: the vector of the new content, or None if the content should stay the same.
            idempotency_record: the record of this request, or None. The id of the memory that is
                replaced takes the place of its `record_id`.
            target: the memories to replace one of, with an `external_id`.
            change: a pure function; it may be called more than once.

        Returns:
            The memory as it is stored now; or the valid earlier record of the same key, and then
            nothing is stored.

        Raises:
            UnknownParentError: there is a new parent, which isn't in the scope of `target`.
        """

    def before_creation(
        self, owner: str, key: str | None, now: datetime
    ) -> tuple[datetime | None, IdempotencyRecord | None]:
        """Return what is to be known before a memory is created.

        Args:
            owner: the owner.
            key: the idempotency key of the request, or None.
            now: the current time.

        Returns:
            When the newest memory of the owner was created, or None if there is none; and the
            record of the key, as `find_idempotency_record` returns it.
        """

    def find_memory(self, within: Selection, memory_id: str) -> Memory | None:
        """Return a memory of the selection, or None."""

    def list_memories(
        self, selection: Selection, limit: int, offset: int
    ) -> tuple[list[Memory], int]:
        """Return one page of the selected memories, newest first, and their total number."""

    def update_memory(
        self,
        within: Selection,
        memory_id: str,
        change: Callable[[Memory], Memory],
        vector: NDArray[np.float32] | None,
    ) -> Memory | None:
        """Replace a memory with the result of `change`.

        Args:
            within: the memories that the caller can access.
            memory_id: the id of the memory.
            change: a pure function; it may be called more than once.
            vector: the vector of the new content, or None if the content should stay the same. If
                `change` keeps the content, the stored vector stays too.

        Returns:
            The new memory, or None if there is no such memory.
        """

    def delete_memory(self, within: Selection, memory_id: str) -> bool:
        """Delete a memory and the tags that no other memory has, and detach its children.

        Return whether it was in the selection.
        """

    def record_accesses(self, owner: str, accesses: Mapping[str, Access], *, wait: bool) -> bool:
        """Add to the access counts of an owner's memories.

        Args:
            owner: the owner.
            accesses: the accesses by memory id; ids that no longer exist are ignored.
            wait: whether to wait for another writer.

        Returns:
            False if another writer was busy and nothing was recorded.
        """


class TagAndEntityStore(IdempotencyStore, Protocol):
    """Tags and entities."""

    def list_tags(self, selection: TagSelection, limit: int, offset: int) -> tuple[list[Tag], int]:
        """Return one page of the selected tags, sorted, and their total number."""

    def add_entity(
        self, entity: Entity, idempotency_record: IdempotencyRecord | None
    ) -> IdempotencyRecord | None:
        """Store an entity and its idempotency record.

        Returns:
            None; or the valid earlier record of the same key, and then nothing is stored.
        """

    def list_entities(
        self, selection: EntitySelection, limit: int, offset: int
    ) -> tuple[list[Entity], int]:
        """Return one page of the selected entities, by name, and their total number."""


class SearchStore(Protocol):
    """The records that search and context read.

    Methods that take numbers omit those of memories that no longer exist.
    """

    def memories_by_number(self, owner: str, numbers: Sequence[int]) -> dict[int, Memory]:
        """Return memories of `owner`, by number."""

    def ranking_attributes(
        self, owner: str, numbers: Sequence[int]
    ) -> dict[int, RankingAttributes]:
        """Return the ranking attributes of memories of `owner`, by number."""

    def entity_names(self, owner: str, ids: Sequence[str]) -> dict[str, tuple[str, ...]]:
        """Return the name and the aliases of entities of `owner`, by id, without unknown ids."""


class KeyStore(Protocol):
    """API keys, stored as hashes."""

    def add_key(self, key: KeyRecord) -> None:
        """Store an API key."""

    def add_first_key(self, key: KeyRecord, publish: Callable[[], None]) -> bool:
        """Store an API key if there has never been one.

        Args:
            key: The key.
            publish: Called before the key is stored for good, maybe more than once. Nothing is
                stored if it raises an error; other processes that add a first key wait for it.

        Returns:
            Whether the key was stored.
        """

    def find_key(self, key_hash: str) -> KeyRecord | None:
        """Return the API key with this hash, or None."""

    def find_key_of(self, owner: str, key_id: str) -> KeyRecord | None:
        """Return the API key of `owner` with this ID, or None."""

    def list_keys(self, owner: str | None = None) -> list[KeyRecord]:
        """Return the API keys of `owner`, or of all owners, oldest first."""

    def revoke_key(self, key_hash: str, now: datetime) -> None:
        """Revoke the API key with this hash at `now`, unless it is already revoked."""


class EmbeddingStore(CandidateSource, Protocol):
    """The embedder whose vectors are stored, and its replacement."""

    def check_embedder(self) -> None:
        """Raise a `ServiceError` if the stored vectors are from another embedder."""

    @property
    def reembedding(self) -> ReembeddingStore:
        """The operations that replace the embedder."""


class OwnerStore(Protocol):
    """The owners, for the commands of an operator."""

    def owners(self) -> dict[str, int]:
        """Return the number of memories of each owner who has any record or key, in their order."""


class Store(
    MemoryStore, TagAndEntityStore, SearchStore, KeyStore, EmbeddingStore, OwnerStore, Protocol
):
    """Everything that the service needs from a store."""

    def state(self) -> StoreState:
        """Return the state of the store as it is now, without a write.

        Raises:
            ServiceError: the store can't be read, or it could be written and can't any more.
        """

    def statistics(self) -> dict[str, float]:
        """Return numbers for monitoring, by name, without waiting for anything.

        A store that has not been used yet has none. Names that end in `_total` count since the
        process began to use the store.
        """

    def close(self) -> None:
        """Release all resources. Later calls of `close` do nothing; other calls raise an error."""
