"""The declared columns: equal to the real tables and to the fields of the records."""

from __future__ import annotations

import sqlite3
from dataclasses import fields, replace
from datetime import datetime, timedelta, timezone

import pytest

from memoryos_server.model.idempotency import IdempotencyRecord
from memoryos_server.model.records import Entity, KeyRecord, Memory, RankingAttributes, Tag
from memoryos_server.stores import columns
from memoryos_server.stores.columns import MEMORY_COLUMNS, ColumnType
from memoryos_server.stores.row_mapper import DamagedValueError
from memoryos_server.stores.sqlite.column_types import SQL_TYPES
from memoryos_server.stores.sqlite.memory_rows import MEMORY_ROWS
from memoryos_server.stores.sqlite.schema import VERSIONS

NOW = datetime(2026, 11, 2, 8, 15, 0, 123456, tzinfo=timezone.utc)
MEMORY = Memory(
    id="m1",
    owner="ada",
    content="tea\0 and Москва",
    content_type="text",
    tier="long",
    memory_nature=None,
    importance_score=0.25,
    confidence_score=1.0,
    access_count=3,
    last_accessed_at=None,
    parent_memory_id=None,
    external_id="x",
    source_id=None,
    metadata={"tags": ["tea"], "deep": {"n": None}},
    pii_fields=("email", "phone"),
    integrity_hash="0" * 64,
    created_at=NOW,
    updated_at=NOW + timedelta(microseconds=1),
    expires_at=NOW + timedelta(days=1),
)
DERIVED = {"number", "word_count", "embedded", "words_checksum", "analyzed"}


@pytest.mark.parametrize(
    ("record", "declared"),
    [
        (Memory, columns.MEMORY_COLUMNS),
        (RankingAttributes, columns.RANKING_COLUMNS),
        (Tag, columns.TAG_COLUMNS),
        (Entity, columns.ENTITY_COLUMNS),
        (IdempotencyRecord, columns.IDEMPOTENCY_RECORD_COLUMNS),
        (KeyRecord, columns.API_KEY_COLUMNS),
    ],
)
def test_the_columns_are_the_fields_of_the_record_in_their_order(record, declared):
    assert [column.name for column in declared] == [field.name for field in fields(record)]
    optional = {field.name for field in fields(record) if field.type.endswith("| None")}
    assert {column.name for column in declared if column.nullable} == optional


def test_sqlite_has_the_declared_columns(start, user_of, tmp_path):
    user_of(start(tmp_path / "m.db")).list()
    with sqlite3.connect(tmp_path / "m.db") as connection:
        rows = connection.execute("PRAGMA table_info(memories)").fetchall()
    connection.close()
    stored = [(name, kind, bool(not_null)) for _, name, kind, not_null, _, _ in rows]
    assert [column for column in stored if column[0] not in DERIVED] == [
        (column.name, SQL_TYPES[column.type], not column.nullable) for column in MEMORY_COLUMNS
    ]


def test_postgres_has_the_declared_columns(postgres, new_database, start, user_of):
    from memoryos_server.stores.postgres.column_types import SQL_TYPES

    url = new_database()
    user_of(start(url)).list()
    rows = postgres.execute(
        "SELECT attname, format_type(atttypid, atttypmod), collname, attnotnull "
        "FROM pg_attribute LEFT JOIN pg_collation ON pg_collation.oid = attcollation "
        "WHERE attrelid = 'memoryos.memories'::regclass AND attnum > 0 AND NOT attisdropped "
        "ORDER BY attnum",
        url,
    )
    names = {"timestamptz": "timestamp with time zone"}
    stored = [
        (name, f'{kind} COLLATE "{collation}"' if collation else kind, not_null)
        for name, kind, collation, not_null in rows
    ]
    assert [column for column in stored if column[0] not in DERIVED] == [
        (
            column.name,
            names.get(SQL_TYPES[column.type], SQL_TYPES[column.type]),
            not column.nullable,
        )
        for column in MEMORY_COLUMNS
    ]


def test_a_column_comes_with_a_version_that_exists():
    assert all(1 <= column.since.sqlite <= len(VERSIONS) for column in MEMORY_COLUMNS)


def test_every_type_can_be_stored():
    assert set(SQL_TYPES) == set(ColumnType)
    assert MEMORY_ROWS.from_row(MEMORY_ROWS.to_row(MEMORY)) == MEMORY


def test_only_changed_columns_are_written():
    after = replace(MEMORY, tier="short", metadata={}, expires_at=None)
    assert MEMORY_ROWS.changed_columns(MEMORY, after) == {
        "tier": "short",
        "metadata": "{}",
        "expires_at": None,
    }
    assert MEMORY_ROWS.changed_columns(MEMORY, MEMORY) == {}


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("tier", "eternal"),
        ("metadata", "{"),
        ("pii_fields", "1"),
        ("created_at", None),
        ("created_at", "yesterday"),
        ("expires_at", 2**63),
    ],
)
def test_a_value_that_no_store_writes_is_damage(column, value):
    row = dict(zip(MEMORY_ROWS.names, MEMORY_ROWS.to_row(MEMORY)))
    row[column] = value
    with pytest.raises(DamagedValueError):
        MEMORY_ROWS.from_row(tuple(row.values()))
