"""Conversations: the messages before and after each message."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from .growable_array import GrowableArray

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["MAX_PAUSE_MICROSECONDS", "NO_ROW", "Conversations", "Messages", "neighbour_rows"]

NO_ROW = -1
"""Marker for a missing row."""

MAX_PAUSE_MICROSECONDS = 3_600_000_000
"""Longest pause within a conversation; after a longer one, a new conversation starts."""

_MAX_ROWS_LINKED_SINGLY = 64
_MIN_STALE_ROWS = 256
_MESSAGES_PER_STALE_ROW = 1024


class Messages(NamedTuple):
    """The messages of all conversations, in order.

    Attributes:
        rows: Their rows.
        joined: For each message but the last, whether the next one continues its conversation.
    """

    rows: NDArray[np.intp]
    joined: NDArray[np.bool_]


_NO_MESSAGES = Messages(np.empty(0, np.intp), np.empty(0, np.bool_))


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
        self._last_rows: dict[int, int] = {}
        self._messages = _NO_MESSAGES
        self._stale_rows: list[int] = []
        self._is_linked = True

    @property
    def messages(self) -> Messages:
        """All messages at the time of the last rebuild, including those removed since.

        `stale_rows` lists the rows whose neighbours have changed since then.
        """
        self._relink(
            max_stale=_MIN_STALE_ROWS + len(self._messages.rows) // _MESSAGES_PER_STALE_ROW
        )
        return self._messages

    @property
    def stale_rows(self) -> NDArray[np.intp]:
        """The rows whose neighbours have changed since the rebuild of `messages`."""
        return np.array(self._stale_rows, np.intp)

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

    @property
    def has_any(self) -> bool:
        """Whether any row belongs to a conversation."""
        return bool(self._last_rows) or not self._is_linked

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
        columns = (self._before, self._after, self._ids, self._numbers, self._created)
        for column, values in zip(columns, (no_rows, no_rows, ids, numbers, created), strict=True):
            column.extend(values)
        lines = np.flatnonzero(ids)
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
        if not self._is_linked:
            return
        before, after = int(self.before[row]), int(self.after[row])
        self._before.values[row] = self._after.values[row] = NO_ROW
        self._stale_rows += [near for near in (before, after) if near != NO_ROW]
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
        for column in (self._before, self._after, self._ids, self._numbers, self._created):
            column.keep(rows)
        self._is_linked = False

    def _relink(self, *, max_stale: int | None = None) -> None:
        """Rebuild the links if they are outdated.

        Args:
            max_stale: Number of stale rows above which to rebuild, or None for no limit.
        """
        if self._is_linked and (max_stale is None or len(self._stale_rows) <= max_stale):
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
        self._messages, self._stale_rows = Messages(rows, joined), []
        self._is_linked = True

    def _append(self, row: int) -> None:
        conversation = int(self._ids.values[row])
        last = self._last_rows.get(conversation)
        if last is not None and self._position(last) > self._position(row):
            self._is_linked = False
            return
        self._last_rows[conversation] = row
        self._stale_rows.append(row)
        if last is not None:
            self._link(last, row)

    def _position(self, row: int) -> tuple[int, int]:
        return int(self._created.values[row]), int(self._numbers.values[row])

    def _link(self, first: int, second: int) -> None:
        created = self._created.values
        joined = abs(int(created[second] - created[first])) <= MAX_PAUSE_MICROSECONDS
        self._after.values[first] = second if joined else NO_ROW
        self._before.values[second] = first if joined else NO_ROW


def neighbour_rows(
    rows: NDArray[np.intp], neighbours: NDArray[np.int32], distance: int
) -> NDArray[np.int32]:
    """Return the rows at the distances 1 to `distance`, one matrix row per distance.

    Args:
        rows: Rows to start from.
        neighbours: The next or previous row of each row, or `NO_ROW`.
        distance: Maximum distance.
    """
    steps = np.empty((distance, len(rows)), np.int32)
    here = rows.astype(np.int32)
    for index in range(distance):
        here = np.where(here == NO_ROW, np.int32(NO_ROW), neighbours[here])
        steps[index] = here
    return steps
