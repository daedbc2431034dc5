"""Which rows hold a term: an inverted index in a few flat arrays."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["Postings"]

_MIN_PENDING_ENTRIES = 16_384
_MAX_PENDING_ENTRIES = 1_048_576
_SORTED_ENTRIES_PER_PENDING = 8
_TERM_SHIFT = np.uint64(32)
_ROW_BITS = np.uint64(2**32 - 1)


class _Lists(NamedTuple):
    """The rows of each term, one list after the other; the terms ascend."""

    terms: NDArray[np.uint32]
    starts: NDArray[np.int64]
    rows: NDArray[np.int32]


class Postings:
    """The rows of every term.

    What is added is kept aside, unsorted, until it is worth sorting in.
    """

    def __init__(self) -> None:
        self._lists = _Lists(np.empty(0, np.uint32), np.zeros(1, np.int64), np.empty(0, np.int32))
        self._added: list[tuple[NDArray[np.uint32], NDArray[np.int32]]] = []
        self._pending = (np.empty(0, np.uint32), np.empty(0, np.int32))

    def add(self, terms: NDArray[np.uint32], rows: NDArray[np.int32]) -> None:
        """Add pairs of a term and a row; rows are added in ascending order, each pair once."""
        self._added.append((terms, rows))

    def rows(self, term: int) -> NDArray[np.int32]:
        """Return the rows that hold `term`."""
        self._settle()
        terms, starts, rows = self._lists
        place = int(np.searchsorted(terms, np.uint32(term)))
        found = rows[:0]
        if place < len(terms) and terms[place] == term:
            found = rows[starts[place] : starts[place + 1]]
        pending_terms, pending_rows = self._pending
        late = pending_rows[pending_terms == np.uint32(term)]
        return np.concatenate([found, late]) if len(late) else found

    def renumber(self, new_rows: NDArray[np.int32]) -> None:
        """Give every row the number that stands at its place in `new_rows`; -1 drops it."""
        self._settle(whole=True)
        terms, starts, rows = self._lists
        renumbered = new_rows[rows]
        kept = renumbered >= 0
        counts = np.diff(np.concatenate([[0], np.cumsum(kept)])[starts])
        held = counts > 0
        ends = np.cumsum(counts[held])
        self._lists = _Lists(terms[held], np.concatenate([[0], ends]), renumbered[kept])

    def _settle(self, *, whole: bool = False) -> None:
        if self._added:
            parts = [self._pending, *self._added]
            self._pending = (
                np.concatenate([part[0] for part in parts]),
                np.concatenate([part[1] for part in parts]),
            )
            self._added = []
        size = len(self._pending[0])
        share = len(self._lists.rows) // _SORTED_ENTRIES_PER_PENDING
        if size and (whole or size > max(_MIN_PENDING_ENTRIES, min(share, _MAX_PENDING_ENTRIES))):
            self._lists = _merged(self._lists, _sorted(*self._pending))
            self._pending = (self._pending[0][:0], self._pending[1][:0])


def _sorted(terms: NDArray[np.uint32], rows: NDArray[np.int32]) -> _Lists:
    # Both in one number: to sort numbers is several times as fast as to find out their order.
    pairs = np.sort((terms.astype(np.uint64) << _TERM_SHIFT) | rows.astype(np.uint64))
    ascending = (pairs >> _TERM_SHIFT).astype(np.uint32)
    is_first = np.append(True, ascending[1:] != ascending[:-1])
    starts = np.flatnonzero(is_first)
    by_term = (pairs & _ROW_BITS).astype(np.int32)
    return _Lists(ascending[starts], np.append(starts, len(terms)), by_term)


def _merged(one: _Lists, other: _Lists) -> _Lists:
    """Return the lists of both, those of `other` behind those of `one`."""
    if not len(one.terms):
        return other
    terms = np.union1d(one.terms, other.terms)
    counts = np.zeros((2, len(terms)), np.int64)
    for side, lists in enumerate((one, other)):
        counts[side, np.searchsorted(terms, lists.terms)] = np.diff(lists.starts)
    starts = np.concatenate([[0], np.cumsum(counts.sum(axis=0))])
    rows = np.empty(starts[-1], np.int32)
    for lists, first in ((one, starts[:-1]), (other, starts[:-1] + counts[0])):
        moved = first[np.searchsorted(terms, lists.terms)] - lists.starts[:-1]
        rows[np.arange(len(lists.rows)) + np.repeat(moved, np.diff(lists.starts))] = lists.rows
    return _Lists(terms, starts, rows)
