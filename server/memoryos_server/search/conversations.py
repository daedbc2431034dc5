"""Conversations: the messages before and after each message."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from .growable_array import GrowableArray

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["MAX_PAUSE_MICROSECONDS", "NO_ROW", "Conversations"]

NO_ROW = -1
"""Marker for a missing row."""

MAX_PAUSE_MICROSECONDS = 3_600_000_000
"""Longest pause within a conversation; after a longer one, a new conversation starts."""

NO_CODE = -1
"""Code of a row that belongs to no conversation."""

_MAX_ROWS_LINKED_SINGLY = 64


class Conversations:
    """The conversations of an index, each in the order of creation: by time, then by number.

    A message added to the end of a conversation is linked at once. Other changes mark the links as
    outdated; the next read rebuilds them.
    """

    def __init__(self) -> None:
        self._before = GrowableArray(np.int32)
        self._after = GrowableArray(np.int32)
        self._ids = GrowableArray(np.int64)
        self._numbers = GrowableArray(np.int64)
        self._created = GrowableArray(np.int64)
        self._codes = GrowableArray(np.int32)
        self._code_of: dict[int, int] = {}
        self._last_rows: dict[int, int] = {}
        self._is_linked = True

    @property
    def codes(self) -> NDArray[np.int32]:
        """The conversation of each row as a small number, or `NO_CODE`."""
        codes: NDArray[np.int32] = self._codes.values
        return codes

    @property
    def is_message(self) -> NDArray[np.bool_]:
        """Whether each row belongs to a conversation."""
        messages: NDArray[np.bool_] = self._codes.values != NO_CODE
        return messages

    @property
    def before(self) -> NDArray[np.int32]:
        """The row before each row, or `NO_ROW`."""
        self._relink()
        return self._before.values

    @property
    def after(self) -> NDArray[np.int32]:
        """The row after each row, or `NO_ROW`."""
        self._relink()
        return self._after.values

    def among(self, rows: NDArray[np.bool_]) -> Conversations:
        """Return the conversations of some rows, as if there were no others.

        Args:
            rows: Mask of these rows.
        """
        part = Conversations()
        ids = np.where(rows, self._ids.values, 0)
        part.extend(ids, self._numbers.values, self._created.values)
        return part

    def extend(
        self, ids: NDArray[np.int64], numbers: NDArray[np.int64], created: NDArray[np.int64]
    ) -> None:
        """Append rows.

        Args:
            ids: Conversation of each row, 0 for none.
            numbers: Numbers of the memories.
            created: Creation times in microseconds. They order a conversation; memories of the
                same time are ordered by number.
        """
        start = len(self._ids)
        no_rows = np.full(len(ids), NO_ROW, np.int32)
        codes = no_rows.copy()
        lines = np.flatnonzero(ids)
        for line in lines.tolist():
            codes[line] = self._code_of.setdefault(int(ids[line]), len(self._code_of))
        columns = (self._before, self._after, self._ids, self._numbers, self._created, self._codes)
        added = (no_rows, no_rows, ids, numbers, created, codes)
        for column, values in zip(columns, added, strict=True):
            column.extend(values)
        if len(lines) > _MAX_ROWS_LINKED_SINGLY:
            self._is_linked = False
        for line in lines if self._is_linked else ():
            self._append(start + int(line))

    def remove(self, row: int) -> None:
        """Remove a row from its conversation."""
        conversation = int(self._ids.values[row])
        if not conversation:
            return
        self._ids.values[row] = 0
        self._codes.values[row] = NO_CODE
        if not self._is_linked:
            return
        before, after = int(self.before[row]), int(self.after[row])
        self._before.values[row] = self._after.values[row] = NO_ROW
        if NO_ROW not in (before, after):
            self._link(before, after)
            return
        if before != NO_ROW:
            self._after.values[before] = NO_ROW
        if after != NO_ROW:
            self._before.values[after] = NO_ROW
        self._is_linked = self._last_rows[conversation] != row

    def keep(self, rows: NDArray[np.intp]) -> None:
        """Keep only these rows, renumbered in this order."""
        columns = (self._before, self._after, self._ids, self._numbers, self._created, self._codes)
        for column in columns:
            column.keep(rows)
        self._is_linked = False

    def _relink(self) -> None:
        """Rebuild the links if they are outdated."""
        if self._is_linked:
            return
        ids, created = self._ids.values, self._created.values
        rows = np.flatnonzero(ids)
        rows = rows[np.lexsort((self._numbers.values[rows], created[rows], ids[rows]))]
        first, second = rows[:-1], rows[1:]
        same = ids[first] == ids[second]
        joined = same & (np.abs(created[second] - created[first]) <= MAX_PAUSE_MICROSECONDS)
        self._before.values[:] = self._after.values[:] = NO_ROW
        self._before.values[second[joined]] = first[joined]
        self._after.values[first[joined]] = second[joined]
        last = rows[np.append(~same, values=True)] if len(rows) else rows
        self._last_rows = dict(zip(ids[last].tolist(), last.tolist(), strict=True))
        self._is_linked = True

    def _append(self, row: int) -> None:
        conversation = int(self._ids.values[row])
        last = self._last_rows.get(conversation)
        if last is not None and self._position(last) > self._position(row):
            self._is_linked = False
            return
        self._last_rows[conversation] = row
        if last is not None:
            self._link(last, row)

    def _position(self, row: int) -> tuple[int, int]:
        return int(self._created.values[row]), int(self._numbers.values[row])

    def _link(self, first: int, second: int) -> None:
        created = self._created.values
        joined = abs(int(created[second] - created[first])) <= MAX_PAUSE_MICROSECONDS
        self._after.values[first] = second if joined else NO_ROW
        self._before.values[second] = first if joined else NO_ROW
