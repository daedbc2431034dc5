"""Columns of the stored records, declared once for all stores.

Both stores derive their SELECT and INSERT lists, their conversion between rows and records, and
the CREATE TABLE statement of `memories` from these declarations.
"""

from __future__ import annotations

from enum import Enum, auto
from typing import NamedTuple

__all__ = [
    "API_KEY_COLUMNS",
    "ENTITY_COLUMNS",
    "IDEMPOTENCY_RECORD_COLUMNS",
    "MEMORY_COLUMNS",
    "RANKING_COLUMNS",
    "TAG_COLUMNS",
    "Column",
    "ColumnType",
    "SchemaVersion",
]


class ColumnType(Enum):
    """How a field of a record is stored. Each store maps these types to SQL types."""

    TEXT = auto()
    TIER = auto()
    """A text that must name one of the tiers."""
    INTEGER = auto()
    REAL = auto()
    TIME = auto()
    """A time with its zone, to the microsecond."""
    JSON_OBJECT = auto()
    """A dict, stored as JSON text."""
    JSON_LIST = auto()
    """A tuple, stored as JSON text."""


class SchemaVersion(NamedTuple):
    """The version of each store's schema that introduced a column."""

    sqlite: int = 1
    postgres: int = 1


class Column(NamedTuple):
    """One column, and the field of the record that it stores.

    Attributes:
        name: the name of the column and of the field.
        type: how the field is stored.
        nullable: whether the field may be None.
        constraint: what follows in the column's definition; `{memories}` is replaced by the name
            of the table of memories.
        since: the schema versions that introduced the column. A migration adds a column that is
            newer than the table; CREATE TABLE has only the columns of its own version.
    """

    name: str
    type: ColumnType = ColumnType.TEXT
    nullable: bool = False
    constraint: str = ""
    since: SchemaVersion = SchemaVersion()


MEMORY_COLUMNS = (
    Column("id", constraint="UNIQUE"),
    Column("owner"),
    Column("content"),
    Column("content_type"),
    Column("tier", ColumnType.TIER),
    Column("memory_nature", nullable=True),
    Column("importance_score", ColumnType.REAL),
    Column("confidence_score", ColumnType.REAL),
    Column("access_count", ColumnType.INTEGER),
    Column("last_accessed_at", ColumnType.TIME, nullable=True),
    Column(
        "parent_memory_id",
        nullable=True,
        constraint="REFERENCES {memories} (id) ON DELETE SET NULL",
    ),
    Column("external_id", nullable=True),
    Column("source_id", nullable=True),
    Column("metadata", ColumnType.JSON_OBJECT),
    Column("pii_fields", ColumnType.JSON_LIST),
    Column("integrity_hash"),
    Column("created_at", ColumnType.TIME),
    Column("updated_at", ColumnType.TIME),
    Column("expires_at", ColumnType.TIME, nullable=True),
)
"""The columns of `Memory`. The tables have further ones, which each store derives."""

RANKING_COLUMNS = (
    Column("id"),
    Column("tier", ColumnType.TIER),
    Column("importance_score", ColumnType.REAL),
    Column("refreshed_at", ColumnType.TIME),
)
"""The columns of `RankingAttributes`; `refreshed_at` is an expression over those of a memory."""

TAG_COLUMNS = (
    Column("id"),
    Column("name"),
    Column("color", nullable=True),
    Column("description", nullable=True),
    Column("memory_count", ColumnType.INTEGER),
    Column("created_at", ColumnType.TIME),
    Column("updated_at", ColumnType.TIME),
)

ENTITY_COLUMNS = (
    Column("id"),
    Column("owner"),
    Column("name"),
    Column("type"),
    Column("aliases", ColumnType.JSON_LIST),
    Column("metadata", ColumnType.JSON_OBJECT),
    Column("created_at", ColumnType.TIME),
)

IDEMPOTENCY_RECORD_COLUMNS = (
    Column("owner"),
    Column("operation"),
    Column("key"),
    Column("body_hash"),
    Column("record_id"),
    Column("created_at", ColumnType.TIME),
)

API_KEY_COLUMNS = (
    Column("hash"),
    Column("owner"),
    Column("scopes", ColumnType.JSON_LIST),
    Column("name", nullable=True),
    Column("created_at", ColumnType.TIME),
    Column("expires_at", ColumnType.TIME, nullable=True),
    Column("revoked_at", ColumnType.TIME, nullable=True),
    Column("scope_tags", ColumnType.JSON_LIST),
)
