"""Where memories are kept: what the service needs of a store.

Every method is one transaction and may be called from several threads at once. What a method has
returned from is durable. Failures of the store itself are `ServiceError`s with status 500 or 503.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import datetime

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

    from .reembedding import Staging

__all__ = ["Store", "UnknownParentError"]


class UnknownParentError(LookupError):
    """The parent memory that is named does not exist for this owner."""


class Store(Protocol):
    """What the service needs of a store.

    A memory has a number, by which searches hand it out; it never changes and is never used again.
    A vector is one row of the embedder's, of unit length, or None where there is no embedder.
    """

    def find_claim(self, owner: str, operation: str, key: str, since: datetime) -> Claim | None:
        """Return the claim on an idempotency key, unless it was made before `since`."""

    def add_memory(
        self, memory: Memory, vector: NDArray[np.float32] | None, claim: Claim | None
    ) -> Claim | None:
        """Store a memory, and the claim with it.

        Returns:
            None; or the earlier claim on the same key that still holds, and nothing is stored.

        Raises:
            UnknownParentError: there is no such parent.
        """

    def memory(self, owner: str, memory_id: str, now: datetime) -> Memory | None:
        """Return an unexpired memory of `owner`, or None."""

    def page_of_memories(
        self, selection: Selection, limit: int, offset: int
    ) -> tuple[list[Memory], int]:
        """Return some of the selected memories, newest first, and how many are selected."""

    def change_memory(
        self,
        owner: str,
        memory_id: str,
        change: Callable[[Memory], Memory],
        vector: NDArray[np.float32] | None,
        now: datetime,
    ) -> Memory | None:
        """Replace a memory by what `change` makes of it, within one transaction.

        Args:
            owner: whose memory.
            memory_id: which one.
            change: a pure function.
            vector: of the new content; where the content stays, the stored vector stays too.
            now: an expired memory is not found.

        Returns:
            The changed memory, or None where there is none.
        """

    def remove_memory(self, owner: str, memory_id: str, now: datetime) -> bool:
        """Delete a memory; its children stay, without a parent. Say whether there was one."""

    def record_accesses(self, accesses: Mapping[str, Access], *, wait: bool) -> bool:
        """Add up accesses, by memory id.

        Args:
            accesses: what to add; ids that are gone are passed over.
            wait: whether to wait for another writer.

        Returns:
            False where another writer was busy; nothing is recorded then.
        """

    def search(self, selection: Selection, probe: AnalyzedQuery, count: int) -> Hits:
        """Return the selected memories that the most speaks for, at most `count`, best first.

        Sees every write that has returned, of any process.
        """

    def matching(
        self, selection: Selection, words: Sequence[str], count: int
    ) -> list[tuple[int, int]]:
        """Return the numbers of the selected memories that hold any of `words`.

        Each with how many of the words it holds. The best by BM25 come first, at most `count`.
        Words are taken as they are: nothing in them is query syntax.
        """

    def numbered(self, owner: str, numbers: Sequence[int]) -> dict[int, Memory]:
        """Return the memories of `owner` by number; those that are gone are missing."""

    def standings(self, owner: str, numbers: Sequence[int]) -> dict[int, RankingAttributes]:
        """Return how memories of `owner` stand, by number; those that are gone are missing."""

    def newest(self, selection: Selection, count: int) -> list[int]:
        """Return the numbers of the newest selected memories, newest first, at most `count`."""

    def unembedded(self, count: int) -> list[Memory]:
        """Return memories that were stored without a vector, at most `count`."""

    def add_vectors(self, embedded: Sequence[tuple[Memory, NDArray[np.float32]]]) -> None:
        """Store vectors for memories that have none and whose content has not changed."""

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
        """Return some of the owner's tags, sorted, and how many there are."""

    def add_entity(self, entity: Entity, claim: Claim | None) -> Claim | None:
        """Store an entity, and the claim with it; as `add_memory` does."""

    def names_of_entities(self, owner: str, ids: Sequence[str]) -> dict[str, tuple[str, ...]]:
        """Return the name and aliases of entities of `owner`, by id; unknown ones are missing."""

    def page_of_entities(
        self, owner: str, *, entity_type: str | None, search: str | None, limit: int, offset: int
    ) -> tuple[list[Entity], int]:
        """Return some of the owner's entities, by name, and how many there are."""

    def add_key(self, key: KeyRecord) -> None:
        """Store an API key."""

    def key(self, key_hash: str) -> KeyRecord | None:
        """Return the API key with this hash, or None."""

    def every_key(self) -> list[KeyRecord]:
        """Return all API keys, oldest first."""

    def revoke_key(self, key_hash: str, now: datetime) -> None:
        """Revoke the API key with this hash at `now`, unless it was revoked before."""

    def check_embedder(self) -> None:
        """Raise a `ServiceError` where the stored vectors are not comparable with ours."""

    @property
    def staging(self) -> Staging:
        """What changes the store's embedder."""

    def close(self) -> None:
        """Give everything back. May be called again; any other call after it is refused."""
