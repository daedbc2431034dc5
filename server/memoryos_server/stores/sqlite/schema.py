"""The tables of the SQLite store, and the migrations from earlier versions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from memoryos_server.model.errors import ReadOnlyStoreError
from memoryos_server.stores.columns import MEMORY_COLUMNS
from memoryos_server.stores.row_mapper import column_definition

from . import full_text, metadata_fields, tags_and_entities
from .backup_mark import APPLICATION_ID, BACKUP_APPLICATION_ID
from .column_types import SQL_TYPES
from .date_migration import analyze_dated_memories
from .error_translation import StoreUnusableError

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable

    Statement = str | Callable[[sqlite3.Connection], object]

__all__ = ["MIGRATIONS", "check_readable", "migrate"]

_MEMORY_COLUMNS = ",\n      ".join(
    column_definition(column, SQL_TYPES, memories="memories")
    for column in MEMORY_COLUMNS
    if column.since.sqlite == 1
)

_VERSION_1 = (
    """
    CREATE TABLE settings (
      name TEXT PRIMARY KEY,
      value
    ) WITHOUT ROWID
    """,
    # Times are microseconds since 1970 in UTC.
    f"""
    CREATE TABLE memories (
      number INTEGER PRIMARY KEY AUTOINCREMENT,
      {_MEMORY_COLUMNS}
    )
    """,
    "CREATE INDEX memories_by_age ON memories (owner, created_at, expires_at)",
    "CREATE INDEX memories_by_tier ON memories (owner, tier, created_at, expires_at)",
    """
    CREATE INDEX memories_by_parent ON memories (parent_memory_id)
    WHERE parent_memory_id IS NOT NULL
    """,
    "CREATE INDEX memories_by_expiry ON memories (expires_at) WHERE expires_at IS NOT NULL",
    # One row for each memory, and for a while one for each deleted memory. `change` increases with
    # every write, so that other processes can read only the rows that are new to them.
    """
    CREATE TABLE vectors (
      change INTEGER PRIMARY KEY AUTOINCREMENT,
      number INTEGER NOT NULL UNIQUE,
      deleted INTEGER NOT NULL DEFAULT 0,
      vector BLOB
    )
    """,
    "CREATE INDEX vectors_missing ON vectors (number) WHERE vector IS NULL AND deleted = 0",
    "CREATE INDEX vectors_deleted ON vectors (change) WHERE deleted = 1",
    """
    CREATE VIRTUAL TABLE memory_words USING fts5 (
      content, content = 'memories', content_rowid = 'number',
      tokenize = 'porter unicode61 remove_diacritics 2'
    )
    """,
    """
    CREATE TRIGGER memory_words_insert AFTER INSERT ON memories BEGIN
      INSERT INTO memory_words (rowid, content) VALUES (new.number, new.content);
    END
    """,
    """
    CREATE TRIGGER memory_words_delete AFTER DELETE ON memories BEGIN
      INSERT INTO memory_words (memory_words, rowid, content)
      VALUES ('delete', old.number, old.content);
    END
    """,
    """
    CREATE TRIGGER memory_words_update AFTER UPDATE OF content ON memories BEGIN
      INSERT INTO memory_words (memory_words, rowid, content)
      VALUES ('delete', old.number, old.content);
      INSERT INTO memory_words (rowid, content) VALUES (new.number, new.content);
    END
    """,
    # `folded` is the case-folded name: SQLite itself folds only ASCII.
    """
    CREATE TABLE tags (
      id TEXT PRIMARY KEY,
      owner TEXT NOT NULL,
      name TEXT NOT NULL,
      folded TEXT NOT NULL,
      color TEXT,
      description TEXT,
      created_at INTEGER NOT NULL,
      updated_at INTEGER NOT NULL,
      UNIQUE (owner, name)
    )
    """,
    """
    CREATE TABLE memory_tags (
      number INTEGER NOT NULL REFERENCES memories (number) ON DELETE CASCADE,
      tag_id TEXT NOT NULL REFERENCES tags (id) ON DELETE CASCADE,
      PRIMARY KEY (number, tag_id)
    ) WITHOUT ROWID
    """,
    "CREATE INDEX memory_tags_by_tag ON memory_tags (tag_id, number)",
    """
    CREATE TABLE entities (
      number INTEGER PRIMARY KEY,
      id TEXT NOT NULL UNIQUE,
      owner TEXT NOT NULL,
      name TEXT NOT NULL,
      folded TEXT NOT NULL,
      type TEXT NOT NULL,
      aliases TEXT NOT NULL,
      metadata TEXT NOT NULL,
      created_at INTEGER NOT NULL
    )
    """,
    "CREATE INDEX entities_by_name ON entities (owner, folded, number)",
    # No foreign key to entities: a memory may refer to an entity before it is registered.
    """
    CREATE TABLE memory_entities (
      number INTEGER NOT NULL REFERENCES memories (number) ON DELETE CASCADE,
      entity_id TEXT NOT NULL,
      PRIMARY KEY (number, entity_id)
    ) WITHOUT ROWID
    """,
    "CREATE INDEX memory_entities_by_entity ON memory_entities (entity_id, number)",
    # Idempotency records.
    """
    CREATE TABLE claims (
      owner TEXT NOT NULL,
      operation TEXT NOT NULL,
      key TEXT NOT NULL,
      body_hash TEXT NOT NULL,
      record_id TEXT NOT NULL,
      created_at INTEGER NOT NULL,
      PRIMARY KEY (owner, operation, key)
    ) WITHOUT ROWID
    """,
    "CREATE INDEX claims_by_age ON claims (created_at)",
    """
    CREATE TABLE keys (
      hash TEXT PRIMARY KEY,
      owner TEXT NOT NULL,
      scopes TEXT NOT NULL,
      name TEXT,
      created_at INTEGER NOT NULL,
      expires_at INTEGER,
      revoked_at INTEGER
    ) WITHOUT ROWID
    """,
)

# The search terms of a memory; NULL until they are computed.
_VERSION_2 = ("ALTER TABLE vectors ADD COLUMN cues BLOB",)

# Full-text statistics belong to an owner, so terms do as well. `word_count` is the length for BM25.
_VERSION_3: tuple[Statement, ...] = (
    "DROP TRIGGER memory_words_insert",
    "DROP TRIGGER memory_words_delete",
    "DROP TRIGGER memory_words_update",
    "DROP TABLE memory_words",
    "CREATE VIRTUAL TABLE memory_words USING fts5 (terms, content = '', tokenize = 'ascii')",
    "CREATE VIRTUAL TABLE memory_word_positions USING fts5vocab (memory_words, instance)",
    "ALTER TABLE memories ADD COLUMN word_count INTEGER NOT NULL DEFAULT 0",
    "CREATE INDEX memories_by_length ON memories (owner, expires_at, word_count)",
    full_text.index_all,
    analyze_dated_memories,
)

# One row for each key at the top level of the metadata; see `stores.metadata_fields`.
# `scope_key` is the key of a tag such as `user:alice`, NULL for other tags.
_VERSION_4: tuple[Statement, ...] = (
    """
    CREATE TABLE memory_metadata (
      field BLOB NOT NULL,
      number INTEGER NOT NULL REFERENCES memories (number) ON DELETE CASCADE,
      PRIMARY KEY (field, number)
    ) WITHOUT ROWID
    """,
    "CREATE INDEX memory_metadata_by_memory ON memory_metadata (number)",
    metadata_fields.index_stored,
    """
    CREATE INDEX memories_by_external_id ON memories (owner, external_id, created_at)
    WHERE external_id IS NOT NULL
    """,
    "ALTER TABLE keys ADD COLUMN scope_tags TEXT NOT NULL DEFAULT '[]'",
    "ALTER TABLE tags ADD COLUMN scope_key TEXT",
    tags_and_entities.add_scope_keys,
)

MIGRATIONS: tuple[tuple[Statement, ...], ...] = (_VERSION_1, _VERSION_2, _VERSION_3, _VERSION_4)
"""The statements, and functions of a connection, that migrate each version to the next.

Add a new version at the end.

Published versions never change. A version that adds a column of a memory declares it in
`memoryos_server.stores.columns`, with the version in `since`, and adds it with ALTER TABLE.
"""


def migrate(connection: sqlite3.Connection, name: str) -> None:
    """Migrate the file to the current version. Several processes may do this at once.

    Args:
        connection: a connection in autocommit mode.
        name: the name of the file for error messages.

    Raises:
        StoreUnusableError: a newer version of Memory OS wrote the file, or another program did.
    """
    if _version(connection, name) == len(MIGRATIONS):
        return
    connection.execute("BEGIN IMMEDIATE")
    try:
        for statements in MIGRATIONS[_version(connection, name) :]:
            for statement in statements:
                if callable(statement):
                    statement(connection)
                else:
                    connection.execute(statement)
        connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        connection.execute(f"PRAGMA user_version = {len(MIGRATIONS)}")
        connection.execute("COMMIT")
    except BaseException:
        connection.execute("ROLLBACK")
        raise


def check_readable(connection: sqlite3.Connection, name: str) -> None:
    """Check that this program can read a file that it can't migrate.

    Args:
        connection: a connection to a file that can't be written.
        name: the name of the file for error messages.

    Raises:
        ReadOnlyStoreError: the file is empty, or an older Memory OS wrote it.
        StoreUnusableError: a newer Memory OS wrote the file, or another program did.
    """
    version = _version(connection, name)
    if version == 0:
        raise ReadOnlyStoreError(f"The database {name} is empty, and read-only")
    if version < len(MIGRATIONS):
        raise ReadOnlyStoreError(
            f"The database {name} was written by an older Memory OS and is read-only; copy it to "
            "a folder that this user can write to, and open the copy"
        )


def _version(connection: sqlite3.Connection, name: str) -> int:
    # In this order: another process may create the tables between two of these statements.
    is_empty = connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0] == 0
    application: int = connection.execute("PRAGMA application_id").fetchone()[0]
    version: int = connection.execute("PRAGMA user_version").fetchone()[0]
    if not is_empty and application not in (APPLICATION_ID, BACKUP_APPLICATION_ID):
        raise StoreUnusableError(f"The database {name} was not made by Memory OS")
    if version > len(MIGRATIONS):
        raise StoreUnusableError(
            f"The database {name} was written by a newer Memory OS: its version is {version}, and "
            f"this program supports versions up to {len(MIGRATIONS)}. Update this program"
        )
    return version
