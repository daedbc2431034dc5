"""One owner's memories in flat arrays: one row for each, which keeps its place.

A row that is removed is only marked, and its place is lost until there are many such.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from memoryos_server.search.conversations import Conversations
from memoryos_server.search.growable_array import GrowableArray
from memoryos_server.search.postings import Postings
from memoryos_server.search.terms import split_lengths

from .entry import NEVER
from .quantized_vectors import ROWS_PER_BLOCK, QuantizedVectors, can_quantize

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from .entry import Entry, Filter

__all__ = ["OwnerIndex"]

_SQUARED_LENGTH_TOLERANCE = 1e-2
_MAX_REMOVED_ROWS = 1024
_MIN_BLAS_ROWS = 32_768


class OwnerIndex:
    """The rows of one owner.

    Args:
        dimension: the length of a vector.
        exact_rows: up to how many rows all cosines are computed in full.
    """

    def __init__(self, dimension: int, *, exact_rows: int) -> None:
        self._dimension = dimension
        self._exact_rows = exact_rows
        self._vectors = GrowableArray("<f4", dimension)
        self._numbers = GrowableArray(np.int64)
        self._expiries = GrowableArray(np.int64)
        self._facets = GrowableArray(np.int32)
        self._codes: dict[tuple[str | None, ...], int] = {}
        self._is_removed = GrowableArray(np.bool_)
        self._lengths = GrowableArray(np.int32)
        self._row_of: dict[int, int] = {}
        self._earliest_expiry = NEVER
        self._quantized: QuantizedVectors | None = None
        self._is_unused = True
        self.postings = Postings()
        self.conversations = Conversations()

    def __len__(self) -> int:
        return len(self._numbers)

    def __contains__(self, number: object) -> bool:
        return number in self._row_of

    @property
    def numbers(self) -> NDArray[np.int64]:
        """The number of each row."""
        values: NDArray[np.int64] = self._numbers.values
        return values

    @property
    def lengths(self) -> NDArray[np.int32]:
        """The number of words of each row."""
        values: NDArray[np.int32] = self._lengths.values
        return values

    @property
    def is_quantized(self) -> bool:
        """Whether `cosines` only estimates."""
        return len(self) > self._exact_rows and can_quantize()

    def extend(self, entries: Sequence[Entry]) -> None:
        """Add entries whose numbers are not here.

        Raises:
            ValueError: a vector has another dimension, or not the length 1; or terms are damaged.
                Nothing is added then.
        """
        joined = b"".join(entry.vector for entry in entries)
        rows = np.frombuffer(joined, dtype="<f4").reshape(len(entries), self._dimension)
        _check_lengths(rows)
        lengths, terms, counts = _terms_of(entries)
        start = len(self)
        numbers = np.array([entry.number for entry in entries], np.int64)
        expiries = np.array([entry.expiry for entry in entries], np.int64)
        conversation_ids = np.array([entry.conversation for entry in entries], np.int64)
        created = np.array([entry.created for entry in entries], np.int64)
        self._vectors.extend(rows)
        self._numbers.extend(numbers)
        self._expiries.extend(expiries)
        self._is_removed.extend(np.zeros(len(entries), np.bool_))
        codes = self._codes
        self._facets.extend([codes.setdefault(entry.facets, len(codes)) for entry in entries])
        self._row_of.update(zip(numbers.tolist(), range(start, start + len(entries)), strict=True))
        self._earliest_expiry = min(self._earliest_expiry, int(expiries.min(initial=NEVER)))
        self._lengths.extend(lengths)
        self.postings.add(terms, np.repeat(np.arange(start, len(self), dtype=np.int32), counts))
        self.conversations.extend(conversation_ids, numbers, created)

    def reserve(self, rows: int) -> None:
        """Make room for so many rows."""
        for column in self._columns():
            column.reserve(rows)

    def remove(self, number: int) -> None:
        """Drop the row of an entry that is here."""
        row = self._row_of.pop(number)
        self._is_removed.values[row] = True
        self._vectors.values[row] = 0
        self.conversations.remove(row)
        if self._quantized is not None and row < len(self._quantized):
            self._quantized.clear(row)
        removed = len(self) - len(self._row_of)
        if removed > max(_MAX_REMOVED_ROWS, len(self._row_of)):
            self._compact()

    def hidden(self, now: int) -> NDArray[np.bool_] | None:
        """Return which rows are removed, or expired by `now`; None where there are none."""
        nothing_removed = len(self._row_of) == len(self)
        if self._earliest_expiry > now:
            return None if nothing_removed else self._is_removed.values
        expired: NDArray[np.bool_] = self._expiries.values <= now
        return expired if nothing_removed else expired | self._is_removed.values

    def unwanted(self, wanted: Filter) -> NDArray[np.bool_] | None:
        """Return which rows may not be returned, or None where all may."""
        left_out = self.hidden(wanted.now)
        if any(facet is not None for facet in wanted.facets):
            others = self._unlike(wanted.facets)
            left_out = others if left_out is None else left_out | others
        if wanted.numbers is not None:
            others = ~self.mask(wanted.numbers)
            left_out = others if left_out is None else left_out | others
        return left_out

    def mask(self, numbers: Sequence[int]) -> NDArray[np.bool_]:
        """Return which rows have one of these numbers."""
        rows = np.zeros(len(self), np.bool_)
        rows[[self._row_of[number] for number in numbers if number in self._row_of]] = True
        return rows

    def cosines(self, query: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return the cosine of `query` and each row, 0 for removed ones; see `is_quantized`."""
        if not self.is_quantized or self._is_unused:
            self._is_unused = False  # the first answer does not wait for images
            return _products(self._vectors.values, query)
        if self._quantized is None:
            self._quantized = QuantizedVectors(self._dimension)
        known = len(self._quantized)
        others = self._vectors.values[known:]
        cosines = np.concatenate([self._quantized.cosines(query), _products(others, query)])
        # A few at a time, so that no search has to wait for all of them.
        self._quantized.extend(others[:ROWS_PER_BLOCK])
        return cosines

    def exact_cosines(
        self, query: NDArray[np.float32], rows: NDArray[np.integer]
    ) -> NDArray[np.float32]:
        """Return the cosine of `query` and each of `rows`."""
        return _products(self._vectors.values[rows], query)

    def _columns(self) -> tuple[GrowableArray, ...]:
        return (
            self._vectors,
            self._numbers,
            self._expiries,
            self._facets,
            self._is_removed,
            self._lengths,
        )

    def _unlike(self, wanted: tuple[str | None, ...]) -> NDArray[np.bool_]:
        """Return which rows have other facets than `wanted`."""
        unlike = [
            any(want not in (None, has) for want, has in zip(wanted, facets, strict=True))
            for facets in self._codes
        ]
        rows: NDArray[np.bool_] = np.array(unlike, np.bool_)[self._facets.values]
        return rows

    def _compact(self) -> None:
        kept = np.flatnonzero(~self._is_removed.values)
        new_rows = np.full(len(self), -1, np.int32)
        new_rows[kept] = np.arange(len(kept), dtype=np.int32)
        self.postings.renumber(new_rows)
        self.conversations.keep(kept)
        for column in self._columns():
            column.keep(kept)
        self._row_of = {number: row for row, number in enumerate(self._numbers.values.tolist())}
        self._quantized = None


def _products(rows: NDArray[np.float32], query: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the inner product of `query` and each row.

    BLAS shares even small work among threads, which have to wait for one another on a busy
    machine; what takes less than that is done here and now.
    """
    if len(rows) < _MIN_BLAS_ROWS:
        few: NDArray[np.float32] = np.einsum("ij,j->i", rows, query)
        return few
    many: NDArray[np.float32] = rows @ query
    return many


def _terms_of(
    entries: Sequence[Entry],
) -> tuple[NDArray[np.int32], NDArray[np.uint32], NDArray[np.intp]]:
    """Return the numbers of words of entries, the terms of all, and how many each has."""
    stored = np.frombuffer(b"".join(entry.terms for entry in entries), dtype="<u4")
    counts = np.array([len(entry.terms) // stored.itemsize for entry in entries], np.intp)
    lengths, terms = split_lengths(stored, counts)
    return lengths, terms, np.maximum(counts - 1, 0)


def _check_lengths(rows: NDArray[np.float32]) -> None:
    """Raise ValueError where a row is no unit vector: what it would score means nothing."""
    with np.errstate(all="ignore"):
        squares = np.einsum("ij,ij->i", rows, rows)
        if not np.all(np.abs(squares - 1) < _SQUARED_LENGTH_TOLERANCE):
            raise ValueError("a vector has not the length 1")
