"""Interface for replacing the embedder of a store.

New vectors are stored beside the old ones and then replace them in one transaction. Meanwhile
servers go on searching and writing with the old embedder; memories that they write are embedded
again too. After the replacement, a server that still uses the old embedder gets an error instead
of comparing vectors of different embedders.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    from numpy.typing import NDArray

    from memoryos_server.model.records import Memory

__all__ = [
    "PendingMemory",
    "ReembeddedMemory",
    "ReembeddingStore",
    "embedder_mismatch_message",
    "superseded_message",
]


class PendingMemory(NamedTuple):
    """A memory that has no new vector yet, or only one of an earlier content."""

    number: int
    memory: Memory


class ReembeddedMemory(NamedTuple):
    """A memory and the new vector of its content."""

    number: int
    memory: Memory
    vector: NDArray[np.float32]


class ReembeddingStore(Protocol):
    """The operations of a store that replace its embedder. Each method is one transaction."""

    def embedder_name(self) -> str | None:
        """Return the name of the embedder whose vectors are stored, or None without vectors."""

    def owners(self) -> dict[str, int]:
        """Return the number of memories of each owner; see `OwnerStore.owners`."""

    def list_pending(
        self, embedder: str, owner: str, after: int, count: int
    ) -> list[PendingMemory]:
        """Return memories of an owner that still need a vector of `embedder`, by number.

        Args:
            embedder: the name of the new embedder, or of the current one.
            owner: the owner.
            after: return only memories with a larger number.
            count: the maximum number of memories.
        """

    def begin(self, embedder: str) -> None:
        """Begin or continue the change to `embedder`; abandon a change to any other embedder."""

    def add_vectors(self, embedder: str, memories: Sequence[ReembeddedMemory]) -> None:
        """Store new vectors, except those of memories whose content has changed meanwhile.

        Raises:
            ServiceError: with status 409, a change to another embedder has begun.
        """

    def complete(self, embedder: str, max_missing: int) -> bool:
        """Replace the old vectors with the new ones, unless too many are missing.

        A memory without a new vector then has no vector.

        Args:
            embedder: the name of the new embedder.
            max_missing: how many memories may be without a new vector.

        Returns:
            Whether the vectors were replaced.

        Raises:
            ServiceError: with status 409, a change to another embedder has begun.
        """

    def delete_vectors(self) -> None:
        """Delete all vectors, so that search is lexical and any embedder may be used next."""

    def clean_up(self) -> None:
        """Free the space of replaced vectors, also after an earlier interrupted change."""


def embedder_mismatch_message(database: str, stored: str, configured: str) -> str:
    """Return the error message for a store that has the vectors of another embedder.

    Args:
        database: the name of the database, at the start of a sentence.
        stored: the embedder whose vectors are stored.
        configured: the embedder that the server uses.
    """
    return (
        f"{database} was filled by the embedder {stored}; this server uses {configured}, whose "
        f"vectors can't be compared with them. Use {stored} again, or change the database with: "
        "memoryos reembed"
    )


def superseded_message(embedder: str) -> str:
    """Return the error message for a change of embedder that another change has replaced."""
    return (
        f"The change to the embedder {embedder} was abandoned for another one, or is complete. "
        "To check, run: memoryos reembed --dry-run"
    )
