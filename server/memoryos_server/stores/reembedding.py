"""Changing a store's embedder: new vectors are laid beside the old ones, then take their place.

Nobody has to stop meanwhile. Until the change, all goes on with the old vectors; what is written in
that time is seen, and embedded too. The change itself is one transaction. Whoever still works with
the old embedder after it is refused, and compares nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    from numpy.typing import NDArray

    from memoryos_server.model.records import Memory

__all__ = ["Staged", "Staging", "Unstaged", "another_change", "mixed"]


class Unstaged(NamedTuple):
    """A memory that has no new vector yet, or one of an earlier content."""

    number: int
    memory: Memory


class Staged(NamedTuple):
    """A memory, and the new vector of its content."""

    number: int
    memory: Memory
    vector: NDArray[np.float32]


class Staging(Protocol):
    """What a store does to change its embedder. Each method is one transaction."""

    def filled_by(self) -> str | None:
        """Return the name of the embedder whose vectors are stored; None where there are none."""

    def total(self) -> int:
        """Return how many memories there are, of all owners."""

    def waiting(self, embedder: str, after: int, count: int) -> list[Unstaged]:
        """Return memories that still need a vector of `embedder`, by number, at most `count`.

        Args:
            embedder: the name of the one that the store is to change to, or that filled it.
            after: only memories with a larger number.
            count: how many at most.
        """

    def begin(self, embedder: str) -> None:
        """Begin a change to `embedder`, or go on with it; a change to another one is given up."""

    def stage(self, embedder: str, rows: Sequence[Staged]) -> None:
        """Keep new vectors; those of a content that has changed meanwhile are passed over.

        Raises:
            ServiceError: with status 409, a change to another embedder has been begun.
        """

    def adopt(self, embedder: str, most: int) -> bool:
        """Put the new vectors in place of the old ones, unless too many are still missing.

        A memory without a new vector is then as if it had been stored without an embedder.

        Args:
            embedder: whose vectors they are.
            most: how many may be missing.

        Returns:
            Whether the store is now the new embedder's.

        Raises:
            ServiceError: with status 409, a change to another embedder has been begun.
        """

    def clear(self) -> None:
        """Drop all vectors: search is by words from now on, and any embedder may fill the store."""

    def tidy(self) -> None:
        """Give back what a change, of this process or an earlier one, has left behind."""


def mixed(database: str, stored: str, wanted: str) -> str:
    """Return why vectors of two embedders can't be in one store, and what to do about it.

    Args:
        database: what to call it, to begin a sentence with.
        stored: the embedder that filled it.
        wanted: the one that was to use it.
    """
    return (
        f"{database} was filled by the embedder {stored}; this server uses {wanted}, whose vectors "
        f"can't be compared with them. Use {stored} again, or change the database with: "
        "memoryos reembed"
    )


def another_change(embedder: str) -> str:
    """Return what to say where somebody else has begun to change to another embedder."""
    return f"The change to the embedder {embedder} was given up for another one, or is done"
