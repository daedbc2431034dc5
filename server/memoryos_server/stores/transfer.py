"""Transfer of all records from one store to another of any kind.

Rows are compared and copied batch by batch, in the order of their keys, and each batch is one
transaction of the target. So a transfer that was interrupted continues: what is the same in both
stores is skipped, and what has changed in the source since then is replaced.
"""

from __future__ import annotations

import hashlib
import math
import struct
from typing import TYPE_CHECKING, NamedTuple, Protocol

from .transfer_tables import KEYS, MEMORIES, OWNED_TABLES

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from .transfer_tables import Key, Row, Table

__all__ = [
    "Progress",
    "RenumberedError",
    "Result",
    "TransferError",
    "TransferSource",
    "TransferTarget",
    "transfer",
]


_FLOAT_BYTES = 4


class TransferError(Exception):
    """A transfer is impossible, or its result is wrong. The message says why, and what to do."""


class RenumberedError(TransferError):
    """The rows of an unfinished copy have other numbers or owners than the source has now.

    Args:
        name: the name of the target.
        advice: how to empty it.
    """

    def __init__(self, name: str, advice: str) -> None:
        super().__init__(
            f"{name} was begun with another state of the source, such as before a restoration; "
            f"{advice}, and run the same command again"
        )


class TransferSource(Protocol):
    """A store that is read, as it was at one moment."""

    @property
    def name(self) -> str:
        """The place of the store, without credentials."""

    def embedder(self) -> str | None:
        """Return the name of the embedder of the stored vectors, or None."""

    def owners(self) -> dict[str, int]:
        """Return the number of memories of each owner, as `OwnerStore.owners` does."""

    def batch(self, table: Table, owner: str | None, after: Key | None) -> list[Row]:
        """Return up to `BATCH_SIZE` rows whose keys follow `after`, in their order.

        Args:
            table: the table.
            owner: the owner; None for a table that has the rows of all.
            after: the key after which to begin; None for the first.
        """


class TransferTarget(TransferSource, Protocol):
    """A store that is filled. No other program can use it until `finish`."""

    def begin(self, source: str, embedder: str | None) -> None:
        """Prepare the store.

        Args:
            source: the name of the source.
            embedder: the name of the embedder of the source's vectors.

        Raises:
            TransferError: the store has records that are not from an unfinished transfer from this
                source.
        """

    def between(self, table: Table, owner: str | None, after: Key | None, last: Key) -> list[Row]:
        """Return all rows whose keys follow `after`, up to the key `last`, in their order."""

    def replace(
        self, table: Table, owner: str | None, deleted: Sequence[Row], stored: Sequence[Row]
    ) -> None:
        """Delete rows, and then store others, in one transaction."""

    def finish(self, highest: dict[str, int]) -> None:
        """Open the store to other programs.

        Args:
            highest: the highest number in each table of numbered rows; later ones are higher.
        """


class Progress(NamedTuple):
    """How far a transfer is.

    Attributes:
        owner: the owner whose memories are being copied.
        owner_memories: how many memories of this owner are done, and how many there are.
        memories: the same for all owners.
        owners: how many owners are done, and how many there are.
    """

    owner: str
    owner_memories: tuple[int, int]
    memories: tuple[int, int]
    owners: tuple[int, int]


class Result(NamedTuple):
    """What both stores have after a transfer.

    Attributes:
        counts: the number of rows by what they are called, such as `memories`.
        written: how many memories this transfer wrote; the others were there already.
    """

    counts: dict[str, int]
    written: int


class _Checksum:
    """Number and SHA-256 hash of rows, in their order."""

    def __init__(self) -> None:
        self.count = 0
        self._hash = hashlib.sha256()

    def add(self, rows: Sequence[Row]) -> None:
        self.count += len(rows)
        for row in rows:
            self._hash.update(row.canonical + b"\n")

    @property
    def value(self) -> tuple[int, str]:
        return self.count, self._hash.hexdigest()


def transfer(
    source: TransferSource, target: TransferTarget, report: Callable[[Progress], object]
) -> Result:
    """Copy all records of the source to the target, and compare both.

    Args:
        source: the store to read.
        target: the store to fill.
        report: called after each batch of memories.

    Raises:
        TransferError: the target can't be filled, or it differs from the source in the end.
    """
    target.begin(source.name, source.embedder())
    copy = _Transfer(source, target, report)
    copy.run()
    copy.verify()
    target.finish(copy.highest)
    return copy.result()


class _Transfer:
    """One run of `transfer`.

    Attributes:
        highest: the highest number in each table of numbered rows.
    """

    def __init__(
        self, source: TransferSource, target: TransferTarget, report: Callable[[Progress], object]
    ) -> None:
        self._source, self._target, self._report = source, target, report
        self._memories = source.owners()
        self._sums: dict[tuple[Table, str | None], _Checksum] = {}
        self._written = 0
        self._vector_size: int | None = None
        self.highest: dict[str, int] = {}

    def run(self) -> None:
        """Copy the rows of all tables."""
        done = 0
        # An owner of the target alone has been deleted from the source since an earlier run.
        owners = sorted({*self._memories, *self._target.owners()})
        for position, owner in enumerate(owners):
            for table in OWNED_TABLES:
                for count in self._copy(table, owner):
                    if table is MEMORIES:
                        of_owner = self._memories.get(owner, 0)
                        total = sum(self._memories.values())
                        place = (position, len(owners))
                        shown = Progress(owner, (count, of_owner), (done + count, total), place)
                        self._report(shown)
            done += self._sums[MEMORIES, owner].count
        for _ in self._copy(KEYS, None):
            pass

    def verify(self) -> None:
        """Compare the rows of both stores.

        Raises:
            TransferError: they differ.
        """
        for (table, owner), expected in self._sums.items():
            found = _Checksum()
            for rows in _batches(self._target, table, owner):
                found.add(rows)
            if found.value != expected.value:
                whose = "" if owner is None else f" of {owner}"
                counts = f"{expected.count} in {self._source.name}, {found.count} in the copy"
                raise TransferError(
                    f"the {table.label}{whose} differ ({counts}): another program has written to "
                    f"{self._target.name}, or it is damaged; run the same command again"
                )
        compared = {owner for _, owner in self._sums}
        if others := sorted(self._target.owners().keys() - compared):
            raise TransferError(
                f"{self._target.name} has records of {others[0]}, whom {self._source.name} doesn't "
                "have: another program has written to it; run the same command again"
            )

    def result(self) -> Result:
        """Return what both stores have now."""
        counts = {table.label: 0 for table in (*OWNED_TABLES, KEYS)}
        for (table, _), checksum in self._sums.items():
            counts[table.label] += checksum.count
        return Result(counts, self._written)

    def _copy(self, table: Table, owner: str | None) -> Iterator[int]:
        """Copy the rows of one owner; yield how many are done after each batch."""
        checksum = self._sums[table, owner] = _Checksum()
        last: Key | None = None
        for rows in _batches(self._source, table, owner):
            self._check_vectors(rows)
            present = self._target.between(table, owner, last, rows[-1].key)
            self._replace(table, owner, present, rows)
            checksum.add(rows)
            last = rows[-1].key
            if table.key == ("number",):
                self.highest[table.name] = max(self.highest.get(table.name, 0), *last)
            yield checksum.count
        while rest := self._target.batch(table, owner, last):
            self._replace(table, owner, rest, [])

    def _check_vectors(self, rows: Sequence[Row]) -> None:
        """Check that all vectors have the same dimension, and no value that is not a number."""
        for row in rows:
            if row.vector is None:
                continue
            self._vector_size = self._vector_size or len(row.vector)
            if len(row.vector) != self._vector_size or not _is_vector(row.vector):
                raise TransferError(
                    f"the vector of the memory {row.record.id} in {self._source.name} is damaged; "
                    "copy a backup of it, or replace all vectors with `memoryos reembed` first"
                )

    def _replace(
        self, table: Table, owner: str | None, present: Sequence[Row], wanted: Sequence[Row]
    ) -> None:
        """Give the target the wanted rows in place of those that are present."""
        before = {row.key: row for row in present}
        stored = [
            row
            for row in wanted
            if row.key not in before or before[row.key].canonical != row.canonical
        ]
        keys = {row.key for row in wanted}
        deleted = [row for row in present if row.key not in keys]
        if deleted or stored:
            self._target.replace(table, owner, deleted, stored)
        if table is MEMORIES:
            self._written += len(stored)


def _is_vector(stored: bytes) -> bool:
    count, rest = divmod(len(stored), _FLOAT_BYTES)
    # The sum is finite only if all values are.
    return count > 0 and not rest and math.isfinite(sum(struct.unpack(f"<{count}f", stored)))


def _batches(store: TransferSource, table: Table, owner: str | None) -> Iterator[list[Row]]:
    rows = store.batch(table, owner, None)
    while rows:
        yield rows
        rows = store.batch(table, owner, rows[-1].key)
