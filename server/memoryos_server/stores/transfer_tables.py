"""The records that a transfer copies, and their statements, declared once for both stores.

What a store derives from records, such as the words of a memory, is not copied: the target derives
it anew.
"""

# ruff: noqa: S608 - only constants of this package are put into the SQL, values are parameters

from __future__ import annotations

import json
from collections import namedtuple
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

from memoryos_server.model.idempotency import IDEMPOTENCY_KEY_LIFETIME
from memoryos_server.model.scope_tags import scope_key

from .columns import (
    API_KEY_COLUMNS,
    ENTITY_COLUMNS,
    IDEMPOTENCY_RECORD_COLUMNS,
    MEMORY_COLUMNS,
    TAG_COLUMNS,
    Column,
    ColumnType,
)
from .row_mapper import RowMapper

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from datetime import datetime

    from .row_mapper import Codec

    Key = tuple[Any, ...]
    Statement = tuple[str, list[Any]]

__all__ = ["KEYS", "MEMORIES", "OWNED_TABLES", "Dialect", "Row", "Table", "TableStatements"]

BATCH_SIZE = 500
"""How many rows are read, compared and written at once."""


@dataclass(frozen=True, eq=False)
class Table:
    """A table that is copied.

    Attributes:
        name: its name in both stores.
        label: what its rows are called.
        columns: the columns that are copied.
        key: the columns that identify a row of an owner, and order them.
        derived: the columns that are computed from a row, in both stores.
        unique: other columns that identify it, where the key has no unique index in all stores.
    """

    name: str
    label: str
    columns: tuple[Column, ...]
    key: tuple[str, ...]
    derived: Mapping[str, Callable[[Any], Any]] = field(default_factory=dict)
    unique: tuple[str, ...] = ()


_NUMBER = Column("number", ColumnType.INTEGER)

# The number comes with a memory: it orders an owner's memories, and the lines of a conversation.
MEMORIES = Table("memories", "memories", (_NUMBER, *MEMORY_COLUMNS), ("number",))
_TAGS = Table(
    "tags",
    "tags",
    (Column("owner"), *(column for column in TAG_COLUMNS if column.name != "memory_count")),
    ("id",),
    {"folded": lambda tag: tag.name.casefold(), "scope_key": lambda tag: scope_key(tag.name)},
)
_ENTITIES = Table(
    "entities",
    "entities",
    (_NUMBER, *ENTITY_COLUMNS),
    ("number",),
    {"folded": lambda entity: entity.name.casefold()},
    unique=("id",),
)
_IDEMPOTENCY_RECORDS = Table(
    "claims", "idempotency records", IDEMPOTENCY_RECORD_COLUMNS, ("operation", "key")
)
KEYS = Table("keys", "API keys", API_KEY_COLUMNS, ("hash",))
"""The keys of all owners."""

# Memories first: storing them also creates their tags, which then get their own times.
OWNED_TABLES = (MEMORIES, _TAGS, _ENTITIES, _IDEMPOTENCY_RECORDS)
"""The tables whose rows belong to owners, in the order in which they are copied."""


class Row(NamedTuple):
    """A row of a table.

    Attributes:
        key: the values of the table's key.
        record: the values of its columns, by name.
        vector: the vector of a memory, as float32 in little-endian order; None for other rows.
    """

    key: Key
    record: Any
    vector: bytes | None = None

    @property
    def canonical(self) -> bytes:
        """The row as bytes that are the same in all stores."""
        vector = None if self.vector is None else self.vector.hex()
        values = json.dumps([*self.record, vector], default=str, separators=(",", ":"))
        return values.encode()


class Dialect(NamedTuple):
    """What differs between the statements of the stores.

    Attributes:
        placeholder: the placeholder of a parameter.
        schema: what precedes the name of a table.
        codecs: the codecs of the columns.
        read_as: the expressions that read columns, where these aren't the column's name.
        numbering: what precedes VALUES, so that an INSERT may give a row its number.
        derived: further derived columns, by table.
    """

    placeholder: str
    schema: str
    codecs: Mapping[ColumnType, Codec]
    read_as: Mapping[tuple[str, str], str] = {}
    numbering: str = ""
    derived: Mapping[str, Mapping[str, Callable[[Any], Any]]] = {}


class TableStatements:
    """The statements on one table.

    Args:
        table: the table.
        dialect: the dialect of the store.
    """

    def __init__(self, table: Table, dialect: Dialect) -> None:
        self._table = table
        self._dialect = dialect
        self._name = f"{dialect.schema}{table.name}"
        self._derived = {**table.derived, **dialect.derived.get(table.name, {})}
        names = [column.name for column in table.columns]
        self._rows = RowMapper(namedtuple("Record", names), table.columns, dialect.codecs)  # noqa: PYI024 - made from columns
        self._key = [names.index(name) for name in table.key]
        self._read = ", ".join(dialect.read_as.get((table.name, name), name) for name in names)

    def select(
        self,
        owner: str | None,
        after: Key | None,
        up_to: Key | None = None,
        valid_at: datetime | None = None,
    ) -> Statement:
        """Return the statement that reads rows in the order of their keys.

        Args:
            owner: the owner; None for a table that has the rows of all.
            after: the key after which to begin.
            up_to: the last key; None for no more than `BATCH_SIZE` rows.
            valid_at: leave out idempotency records that are invalid at this time.
        """
        mark = self._dialect.placeholder
        key = f"({', '.join(self._table.key)})"
        marks = f"({', '.join([mark] * len(self._key))})"
        clauses: list[tuple[str, Iterable[Any]]] = []
        if owner is not None:
            clauses.append((f"owner = {mark}", [owner]))
        if after is not None:
            clauses.append((f"{key} > {marks}", after))
        if up_to is not None:
            clauses.append((f"{key} <= {marks}", up_to))
        if valid_at is not None and self._table is _IDEMPOTENCY_RECORDS:
            since = valid_at - IDEMPOTENCY_KEY_LIFETIME
            clauses.append((f"created_at >= {mark}", [self._encoded_time(since)]))
        where = " AND ".join(sql for sql, _ in clauses) or "true"
        order = ", ".join(self._table.key)
        limit = f" LIMIT {BATCH_SIZE}" if up_to is None else ""
        values = [value for _, given in clauses for value in given]
        return (
            f"SELECT {self._read} FROM {self._name} WHERE {where} ORDER BY {order}{limit}",
            values,
        )

    def row(self, values: tuple[Any, ...]) -> Row:
        """Return the row with these values of the database."""
        record = self._rows.from_row(values)
        return Row(tuple(record[position] for position in self._key), record)

    def upsert(self) -> str:
        """Return the statement that inserts a row, or replaces the one with the same key."""
        columns = [*self._rows.names, *self._derived]
        marks = ", ".join([self._dialect.placeholder] * len(columns))
        owner = [] if self._table is KEYS else ["owner"]
        unique = ", ".join([*owner, *(self._table.unique or self._table.key)])
        kept = {*owner, *self._table.key, *self._table.unique}
        changes = ", ".join(f"{name} = excluded.{name}" for name in columns if name not in kept)
        clause = self._dialect.numbering if _NUMBER in self._table.columns else ""
        return (
            f"INSERT INTO {self._name} ({', '.join(columns)}) {clause} "
            f"VALUES ({marks}) ON CONFLICT ({unique}) DO UPDATE SET {changes}"
        )

    def upsert_values(self, rows: Sequence[Row]) -> list[tuple[Any, ...]]:
        """Return the parameters of `upsert`."""
        return [
            (
                *self._rows.to_row(row.record),
                *(derive(row.record) for derive in self._derived.values()),
            )
            for row in rows
        ]

    def delete(self) -> str:
        """Return the statement that deletes a row."""
        mark = self._dialect.placeholder
        owner = [] if self._table is KEYS else ["owner"]
        where = " AND ".join(f"{name} = {mark}" for name in (*owner, *self._table.key))
        return f"DELETE FROM {self._name} WHERE {where}"

    def delete_values(self, owner: str | None, rows: Sequence[Row]) -> list[tuple[Any, ...]]:
        """Return the parameters of `delete`."""
        return [(*([] if owner is None else [owner]), *row.key) for row in rows]

    def _encoded_time(self, time: datetime) -> Any:
        encode = self._dialect.codecs[ColumnType.TIME].encode
        return time if encode is None else encode(time)
