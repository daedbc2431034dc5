"""The owner is the first column of every key and index of a table that belongs to owners."""

from __future__ import annotations

import pytest

from ..conftest import User

pytestmark = [pytest.mark.local_server, pytest.mark.both_stores]

SHARED_TABLES = {"settings", "keys"}

COLUMNS = {
    "postgres": """
        SELECT relname::text, array_agg(attname::text) FROM pg_catalog.pg_class
        JOIN pg_catalog.pg_attribute ON attrelid = pg_class.oid AND attnum > 0
        WHERE relnamespace = 'memoryos'::regnamespace AND relkind IN ('r', 'p') GROUP BY relname
    """,
    # The tables of FTS5 have terms that begin with a hash of the owner.
    "sqlite": """
        SELECT name, (SELECT json_group_array(c.name) FROM pragma_table_info(t.name) AS c)
        FROM sqlite_master AS t
        WHERE type = 'table' AND name NOT LIKE 'memory_word%' AND name NOT LIKE 'sqlite_%'
    """,
}
# HNSW indexes order vectors by distance alone.
FIRST_COLUMNS = {
    "postgres": """
        SELECT t.relname::text, i.relname::text, attname::text FROM pg_catalog.pg_index
        JOIN pg_catalog.pg_class AS t ON t.oid = indrelid
        JOIN pg_catalog.pg_class AS i ON i.oid = indexrelid
        JOIN pg_catalog.pg_am ON pg_am.oid = i.relam AND amname <> 'hnsw'
        LEFT JOIN pg_catalog.pg_attribute ON attrelid = t.oid AND attnum = indkey[0]
        WHERE t.relnamespace = 'memoryos'::regnamespace
    """,
    "sqlite": """
        SELECT t.name, i.name, (SELECT name FROM pragma_index_info(i.name) WHERE seqno = 0)
        FROM sqlite_master AS t, pragma_index_list(t.name) AS i
        WHERE t.type = 'table' AND t.name NOT LIKE 'memory_words_%'
    """,
}
REFERENCES = {
    "postgres": """
        SELECT conrelid::regclass::text, conname::text, attname::text
        FROM pg_catalog.pg_constraint
        LEFT JOIN pg_catalog.pg_attribute ON attrelid = conrelid AND attnum = conkey[1]
        WHERE contype = 'f' AND connamespace = 'memoryos'::regnamespace
    """,
    "sqlite": """
        SELECT t.name, r."table", r."from" FROM sqlite_master AS t,
        pragma_foreign_key_list(t.name) AS r WHERE t.type = 'table' AND r.seq = 0
    """,
}


@pytest.fixture
def filled(service):
    """A service whose store has made all its tables."""
    User(service).create("Alice likes tea", metadata={"tags": ["user:alice"], "entities": ["tea"]})
    return service


def test_every_table_has_an_owner(filled, store, rows_of):
    """Except those that all owners share."""
    tables = dict(rows_of(filled, COLUMNS[store]))
    assert {"memories", "memory_tags", "vectors"} <= tables.keys()
    assert {name for name, columns in tables.items() if "owner" not in columns} <= SHARED_TABLES


def test_the_owner_is_first_in_every_index(filled, store, rows_of):
    """Also in those of primary keys and unique constraints."""
    indexes = rows_of(filled, FIRST_COLUMNS[store])
    assert indexes
    assert [row for row in indexes if row[0] not in SHARED_TABLES and row[2] != "owner"] == []


def test_the_owner_is_first_in_every_foreign_key(filled, store, rows_of):
    """No row refers to one of another owner."""
    references = rows_of(filled, REFERENCES[store])
    assert references
    assert [row for row in references if row[2] != "owner"] == []
