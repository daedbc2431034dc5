"""Which row comes before and which after, in the conversation that a row belongs to."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from .index.growable_array import Growing

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["LONGEST_PAUSE", "NONE", "Lines", "Threads", "walk"]

NONE = -1
"""Stands for no row."""

LONGEST_PAUSE = 3_600_000_000
"""The microseconds between two lines from which they are no longer one conversation."""

_ADDED_SINGLY = 64
_MOVED = 256
_MOVED_SHARE = 1024


class Lines(NamedTuple):
    """The lines of all conversations, one after the other.

    Attributes:
        order: their rows.
        joined: whether each but the last is followed by the next one, in one conversation.
    """

    order: NDArray[np.intp]
    joined: NDArray[np.bool_]


_NO_LINES = Lines(np.empty(0, np.intp), np.empty(0, np.bool_))


class Threads:
    """The conversations among rows, each in the order of its memories' numbers.

    One line at the end of a conversation is linked at once; anything else waits for a look.
    """

    def __init__(self) -> None:
        self._before = Growing(np.int32)
        self._after = Growing(np.int32)
        self._ids = Growing(np.int64)
        self._numbers = Growing(np.int64)
        self._created = Growing(np.int64)
        self._last_rows: dict[int, int] = {}
        self._lines = _NO_LINES
        self._moved: list[int] = []
        self._is_settled = True

    @property
    def lines(self) -> Lines:
        """All lines as they were a little while ago; `moved` says where that is not how they are.

        What was removed since is still there.
        """
        self._settle(most_moved=_MOVED + len(self._lines.order) // _MOVED_SHARE)
        return self._lines

    @property
    def moved(self) -> NDArray[np.intp]:
        """The rows that have got other neighbours since `lines` was looked up."""
        return np.array(self._moved, np.intp)

    @property
    def before(self) -> NDArray[np.int32]:
        """The row before each row, or `NONE`."""
        self._settle()
        return self._before.values

    @property
    def after(self) -> NDArray[np.int32]:
        """The row after each row, or `NONE`."""
        self._settle()
        return self._after.values

    @property
    def exist(self) -> bool:
        """Whether any row is a line of a conversation."""
        return bool(self._last_rows) or not self._is_settled

    def extend(
        self, ids: NDArray[np.int64], numbers: NDArray[np.int64], created: NDArray[np.int64]
    ) -> None:
        """Add rows behind those that are there.

        Args:
            ids: equal for rows of one conversation; 0 for rows of none.
            numbers: the order of the rows of a conversation.
            created: when each was, in microseconds.
        """
        start = len(self._ids)
        nowhere = np.full(len(ids), NONE, np.int32)
        columns = (self._before, self._after, self._ids, self._numbers, self._created)
        for column, values in zip(columns, (nowhere, nowhere, ids, numbers, created), strict=True):
            column.extend(values)
        lines = np.flatnonzero(ids)
        if len(lines) > _ADDED_SINGLY:
            self._is_settled = False
        for line in lines if self._is_settled else ():
            self._append(start + int(line))

    def remove(self, row: int) -> None:
        """Take a row out of its conversation."""
        thread = int(self._ids.values[row])
        if not thread:
            return
        self._ids.values[row] = 0
        if not self._is_settled:
            return
        before, after = int(self.before[row]), int(self.after[row])
        self._before.values[row] = self._after.values[row] = NONE
        self._moved += [near for near in (before, after) if near != NONE]
        if NONE not in (before, after):
            self._link(before, after)
            return
        if before != NONE:
            self._after.values[before] = NONE
        if after != NONE:
            self._before.values[after] = NONE
        self._is_settled = self._last_rows[thread] != row

    def keep(self, rows: NDArray[np.intp]) -> None:
        """Drop all rows but these, which are renumbered in this order."""
        for column in (self._before, self._after, self._ids, self._numbers, self._created):
            column.keep(rows)
        self._is_settled = False

    def _settle(self, *, most_moved: int | None = None) -> None:
        """Link all rows anew where what was added or removed asks for it.

        Args:
            most_moved: up to how many rows may have got other neighbours; None for any number.
        """
        if self._is_settled and (most_moved is None or len(self._moved) <= most_moved):
            return
        ids, created = self._ids.values, self._created.values
        rows = np.flatnonzero(ids)
        rows = rows[np.lexsort((self._numbers.values[rows], ids[rows]))]
        first, second = rows[:-1], rows[1:]
        same = ids[first] == ids[second]
        joined = same & (np.abs(created[second] - created[first]) <= LONGEST_PAUSE)
        self._before.values[:] = self._after.values[:] = NONE
        self._before.values[second[joined]] = first[joined]
        self._after.values[first[joined]] = second[joined]
        last = rows[np.append(~same, values=True)] if len(rows) else rows
        self._last_rows = dict(zip(ids[last].tolist(), last.tolist(), strict=True))
        self._lines, self._moved = Lines(rows, joined), []
        self._is_settled = True

    def _append(self, row: int) -> None:
        thread = int(self._ids.values[row])
        last = self._last_rows.get(thread)
        if last is not None and self._numbers.values[last] > self._numbers.values[row]:
            self._is_settled = False
            return
        self._last_rows[thread] = row
        self._moved.append(row)
        if last is not None:
            self._link(last, row)

    def _link(self, first: int, second: int) -> None:
        created = self._created.values
        joined = abs(int(created[second] - created[first])) <= LONGEST_PAUSE
        self._after.values[first] = second if joined else NONE
        self._before.values[second] = first if joined else NONE


def walk(rows: NDArray[np.intp], step: NDArray[np.int32], reach: int) -> NDArray[np.int32]:
    """Return the rows 1, 2, … `reach` steps away from `rows`: a matrix, one row for each distance.

    Args:
        rows: where to start.
        step: what comes next after each row, or `NONE`.
        reach: how many steps to go.
    """
    steps = np.empty((reach, len(rows)), np.int32)
    here = rows.astype(np.int32)
    for distance in range(reach):
        here = np.where(here == NONE, np.int32(NONE), step[here])
        steps[distance] = here
    return steps
