"""Exact nearest-neighbour search in memory: one matrix for each owner and tier.

Not safe to share between threads by itself; its owner holds a lock.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray

    from .index_entry import Entry

__all__ = ["VectorIndex"]

_FIRST_CAPACITY = 64
_TOLERANCE = 1e-2


class VectorIndex:
    """The vectors of all memories.

    Args:
        dimension: length of each vector, stored as little-endian float32.
    """

    def __init__(self, dimension: int) -> None:
        self._dimension = dimension
        self._shelves: dict[tuple[str, str], _Shelf] = {}
        self._shelf_of: dict[int, _Shelf] = {}

    def put(self, entries: Sequence[Entry]) -> None:
        """Add entries, in place of those with the same number.

        Raises:
            ValueError: a vector has another dimension, or not the length 1.
        """
        self.discard(entry.number for entry in entries)
        groups: defaultdict[tuple[str, str], list[Entry]] = defaultdict(list)
        for entry in entries:
            groups[entry.owner, entry.tier].append(entry)
        for place, group in groups.items():
            shelf = self._shelves.setdefault(place, _Shelf(self._dimension))
            shelf.extend(group)
            self._shelf_of.update((entry.number, shelf) for entry in group)

    def discard(self, numbers: Iterable[int]) -> None:
        """Drop entries by number; unknown numbers are passed over."""
        for number in numbers:
            shelf = self._shelf_of.pop(number, None)
            if shelf is not None:
                shelf.remove(number)

    def nearest(
        self,
        query: NDArray[np.float32],
        *,
        owner: str,
        tier: str | None,
        count: int,
        now: int,
        allowed: NDArray[np.int64] | None = None,
    ) -> list[tuple[int, float]]:
        """Return the numbers and cosines of the entries nearest to `query`, nearest first.

        Args:
            query: a vector of unit length.
            owner: whose entries.
            tier: of this tier only, or None for all.
            count: how many at most.
            now: what expires by this time is left out.
            allowed: the only numbers that may be returned, or None for all.
        """
        scored = [
            shelf.score(query, now, allowed)
            for (shelf_owner, shelf_tier), shelf in self._shelves.items()
            if shelf_owner == owner and tier in (None, shelf_tier)
        ]
        if not scored:
            return []
        numbers = np.concatenate([part[0] for part in scored])
        cosines = np.concatenate([part[1] for part in scored])
        return _best(numbers, cosines, count)


class _Shelf:
    """A growing matrix with one row per entry; removal moves the last row into the gap."""

    def __init__(self, dimension: int) -> None:
        self._dimension = dimension
        self._size = 0
        self._vectors = np.empty((0, dimension), dtype="<f4")
        self._numbers = np.empty(0, dtype=np.int64)
        self._expiries = np.empty(0, dtype=np.int64)
        self._row_of: dict[int, int] = {}

    def extend(self, entries: Sequence[Entry]) -> None:
        start, end = self._size, self._size + len(entries)
        joined = b"".join(entry.vector for entry in entries)
        rows = np.frombuffer(joined, dtype="<f4").reshape(len(entries), self._dimension)
        _check_lengths(rows)
        self._reserve(end)
        self._vectors[start:end] = rows
        self._numbers[start:end] = [entry.number for entry in entries]
        self._expiries[start:end] = [entry.expiry for entry in entries]
        self._row_of.update((entry.number, start + row) for row, entry in enumerate(entries))
        self._size = end

    def remove(self, number: int) -> None:
        row, last = self._row_of.pop(number), self._size - 1
        if row != last:
            for column in (self._vectors, self._numbers, self._expiries):
                column[row] = column[last]
            self._row_of[int(self._numbers[row])] = row
        self._size = last

    def score(
        self, query: NDArray[np.float32], now: int, allowed: NDArray[np.int64] | None
    ) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
        """Return the numbers of the entries that may be found, and their cosines."""
        numbers = self._numbers[: self._size]
        cosines = self._vectors[: self._size] @ query
        hidden = self._expiries[: self._size] <= now
        if allowed is not None:
            hidden |= np.isin(numbers, allowed, invert=True)
        # To leave rows out is to copy all others, so it is done only where there are any.
        return (numbers[~hidden], cosines[~hidden]) if hidden.any() else (numbers, cosines)

    def _reserve(self, capacity: int) -> None:
        if capacity <= len(self._numbers):
            return
        capacity = max(capacity, 2 * len(self._numbers), _FIRST_CAPACITY)
        vectors = np.empty((capacity, self._dimension), dtype="<f4")
        vectors[: self._size] = self._vectors[: self._size]
        self._vectors = vectors
        self._numbers = np.resize(self._numbers, capacity)
        self._expiries = np.resize(self._expiries, capacity)


def _check_lengths(rows: NDArray[np.float32]) -> None:
    """Raise ValueError where a row is no unit vector: what it would score means nothing."""
    with np.errstate(all="ignore"):
        squares = np.einsum("ij,ij->i", rows, rows)
        if not np.all(np.abs(squares - 1) < _TOLERANCE):
            raise ValueError("a vector has not the length 1")


def _best(
    numbers: NDArray[np.int64], cosines: NDArray[np.float32], count: int
) -> list[tuple[int, float]]:
    if count < len(numbers):
        top = np.argpartition(cosines, -count)[-count:]
        numbers, cosines = numbers[top], cosines[top]
    # Equal cosines come newest first, so that the order never depends on where a row lies.
    order = np.lexsort((-numbers, -cosines))
    return list(zip(numbers[order].tolist(), cosines[order].tolist(), strict=True))
