"""The tables of the SQLite store, version by version."""

# ruff: noqa: S608 - only constants of this package are put into the SQL

from __future__ import annotations

from memoryos_server.stores.columns import MEMORY_COLUMNS
from memoryos_server.stores.row_mapper import column_definition
from memoryos_server.stores.schema_versions import Derived, SchemaVersion

from .column_types import SQL_TYPES

__all__ = ["STAGING", "VECTOR_INDEXES", "VERSIONS"]

_MEMORY_COLUMNS = ",\n      ".join(
    column_definition(column, SQL_TYPES, memories="memories")
    for column in MEMORY_COLUMNS
    if column.since.sqlite == 1
)

_VERSION_1: tuple[str, ...] = (
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
_VERSION_3 = (
    "DROP TRIGGER memory_words_insert",
    "DROP TRIGGER memory_words_delete",
    "DROP TRIGGER memory_words_update",
    "DROP TABLE memory_words",
    "CREATE VIRTUAL TABLE memory_words USING fts5 (terms, content = '', tokenize = 'ascii')",
    "CREATE VIRTUAL TABLE memory_word_positions USING fts5vocab (memory_words, instance)",
    "ALTER TABLE memories ADD COLUMN word_count INTEGER NOT NULL DEFAULT 0",
    "CREATE INDEX memories_by_length ON memories (owner, expires_at, word_count)",
)

# One row for each key at the top level of the metadata; see `stores.metadata_fields`.
# `scope_key` is the key of a tag such as `user:alice`, NULL for other tags.
_VERSION_4 = (
    """
    CREATE TABLE memory_metadata (
      field BLOB NOT NULL,
      number INTEGER NOT NULL REFERENCES memories (number) ON DELETE CASCADE,
      PRIMARY KEY (field, number)
    ) WITHOUT ROWID
    """,
    "CREATE INDEX memory_metadata_by_memory ON memory_metadata (number)",
    """
    CREATE INDEX memories_by_external_id ON memories (owner, external_id, created_at)
    WHERE external_id IS NOT NULL
    """,
    "ALTER TABLE keys ADD COLUMN scope_tags TEXT NOT NULL DEFAULT '[]'",
    "ALTER TABLE tags ADD COLUMN scope_key TEXT",
)


def _sequence(table: str, new: str) -> tuple[str, ...]:
    """Return the statements after which no number of a deleted row is used again."""
    return (
        f"DELETE FROM sqlite_sequence WHERE name = '{new}'",
        f"""
        INSERT INTO sqlite_sequence (name, seq)
        SELECT '{new}', seq FROM sqlite_sequence WHERE name = '{table}'
        """,
    )


def _rebuilt(table: str, definition: str, columns: str, source: str) -> tuple[str, ...]:
    """Return the statements that move the rows of a table to one of the same name.

    Args:
        table: the name of the table.
        definition: what CREATE TABLE says after the name.
        columns: the columns of the new table that get values.
        source: what follows INSERT INTO: reads these values from the old table.
    """
    return (
        f"CREATE TABLE new_{table} {definition}",
        f"INSERT INTO new_{table} ({columns}) {source}",
        *_sequence(table, f"new_{table}"),
        f"DROP TABLE {table}",
        f"ALTER TABLE new_{table} RENAME TO {table}",
    )


_COLUMNS_OF_VERSION_5 = [
    column._replace(constraint="") for column in MEMORY_COLUMNS if column.since.sqlite <= 5
]
_MEMORY_NAMES = ", ".join(["number", *(column.name for column in _COLUMNS_OF_VERSION_5)])
_MEMORY_DEFINITIONS = ",\n  ".join(
    column_definition(column, SQL_TYPES, memories="memories") for column in _COLUMNS_OF_VERSION_5
)
# An id is unique within an owner only, so a foreign key can't lead from it to the parent: who
# deletes a memory detaches its children.
_MEMORIES = f"""(
  number INTEGER PRIMARY KEY AUTOINCREMENT,
  {_MEMORY_DEFINITIONS},
  word_count INTEGER NOT NULL DEFAULT 0,
  UNIQUE (owner, id),
  UNIQUE (owner, number)
)"""
_OF_A_MEMORY = "FOREIGN KEY (owner, number) REFERENCES memories (owner, number) ON DELETE CASCADE"
# One row for each memory, and for a while one for each deleted memory. `change` increases with
# every write, so that other processes can read only the rows that are new to them.
_VECTORS = """(
  change INTEGER PRIMARY KEY AUTOINCREMENT,
  owner TEXT NOT NULL,
  number INTEGER NOT NULL,
  deleted INTEGER NOT NULL DEFAULT 0,
  vector BLOB,
  cues BLOB,
  UNIQUE (owner, number)
)"""

STAGING = (
    f"CREATE TABLE staged_vectors {_VECTORS}",
    """
    CREATE TABLE staged_changes (
      owner TEXT NOT NULL,
      number INTEGER NOT NULL,
      change INTEGER NOT NULL,
      PRIMARY KEY (owner, number)
    ) WITHOUT ROWID
    """,
)
"""Create the tables of a change of the embedder, which are empty at other times."""

VECTOR_INDEXES = {
    "vectors_by_change": "CREATE INDEX vectors_by_change ON vectors (owner, change)",
    "vectors_missing": """
      CREATE INDEX vectors_missing ON vectors (owner, number)
      WHERE vector IS NULL AND deleted = 0
    """,
    "vectors_deleted": "CREATE INDEX vectors_deleted ON vectors (owner, change) WHERE deleted = 1",
}
"""The statements that create the indexes of `vectors`, by name."""

# The owner is part of every key. Deletions of vectors aren't kept: nobody has the file open.
_VERSION_5 = (
    *_rebuilt(
        "memories",
        _MEMORIES,
        f"{_MEMORY_NAMES}, word_count",
        f"SELECT {_MEMORY_NAMES}, word_count FROM memories",
    ),
    "CREATE INDEX memories_by_age ON memories (owner, created_at, expires_at)",
    "CREATE INDEX memories_by_tier ON memories (owner, tier, created_at, expires_at)",
    "CREATE INDEX memories_by_length ON memories (owner, expires_at, word_count)",
    """
    CREATE INDEX memories_by_external_id ON memories (owner, external_id, created_at)
    WHERE external_id IS NOT NULL
    """,
    """
    CREATE INDEX memories_by_parent ON memories (owner, parent_memory_id)
    WHERE parent_memory_id IS NOT NULL
    """,
    """
    CREATE INDEX memories_by_expiry ON memories (owner, expires_at)
    WHERE expires_at IS NOT NULL
    """,
    *_rebuilt(
        "vectors",
        _VECTORS,
        "change, owner, number, vector, cues",
        "SELECT change, owner, number, vector, cues FROM vectors JOIN memories USING (number) "
        "WHERE deleted = 0 ORDER BY change",
    ),
    *VECTOR_INDEXES.values(),
    # Until now these existed only during a change of the embedder.
    "CREATE TABLE IF NOT EXISTS staged_vectors (change, number, vector)",
    "CREATE TABLE IF NOT EXISTS staged_changes (number, change)",
    "ALTER TABLE staged_vectors RENAME TO old_staged_vectors",
    "ALTER TABLE staged_changes RENAME TO old_staged_changes",
    *STAGING,
    """
    INSERT INTO staged_vectors (change, owner, number, vector, cues)
    SELECT staged.change, vectors.owner, vectors.number, staged.vector, vectors.cues
    FROM old_staged_vectors AS staged JOIN vectors ON vectors.number = staged.number
    """,
    *_sequence("old_staged_vectors", "staged_vectors"),
    """
    INSERT INTO staged_changes (owner, number, change)
    SELECT vectors.owner, vectors.number, staged.change
    FROM old_staged_changes AS staged JOIN vectors ON vectors.number = staged.number
    """,
    "DROP TABLE old_staged_vectors",
    "DROP TABLE old_staged_changes",
    "DROP TABLE IF EXISTS replaced_vectors",
    "DELETE FROM settings WHERE name = 'forgotten'",
    *_rebuilt(
        "tags",
        """(
          owner TEXT NOT NULL,
          id TEXT NOT NULL,
          name TEXT NOT NULL,
          folded TEXT NOT NULL,
          color TEXT,
          description TEXT,
          created_at INTEGER NOT NULL,
          updated_at INTEGER NOT NULL,
          scope_key TEXT,
          PRIMARY KEY (owner, id),
          UNIQUE (owner, name)
        )""",
        "owner, id, name, folded, color, description, created_at, updated_at, scope_key",
        "SELECT owner, id, name, folded, color, description, created_at, updated_at, scope_key "
        "FROM tags",
    ),
    *_rebuilt(
        "memory_tags",
        f"""(
          owner TEXT NOT NULL,
          number INTEGER NOT NULL,
          tag_id TEXT NOT NULL,
          PRIMARY KEY (owner, number, tag_id),
          {_OF_A_MEMORY},
          FOREIGN KEY (owner, tag_id) REFERENCES tags (owner, id) ON DELETE CASCADE
        ) WITHOUT ROWID""",
        "owner, number, tag_id",
        "SELECT owner, number, tag_id FROM memory_tags JOIN memories USING (number)",
    ),
    "CREATE INDEX memory_tags_by_tag ON memory_tags (owner, tag_id, number)",
    *_rebuilt(
        "entities",
        """(
          number INTEGER PRIMARY KEY,
          id TEXT NOT NULL,
          owner TEXT NOT NULL,
          name TEXT NOT NULL,
          folded TEXT NOT NULL,
          type TEXT NOT NULL,
          aliases TEXT NOT NULL,
          metadata TEXT NOT NULL,
          created_at INTEGER NOT NULL,
          UNIQUE (owner, id)
        )""",
        "number, id, owner, name, folded, type, aliases, metadata, created_at",
        "SELECT number, id, owner, name, folded, type, aliases, metadata, created_at FROM entities",
    ),
    "CREATE INDEX entities_by_name ON entities (owner, folded, number)",
    # No foreign key to entities: a memory may refer to an entity before it is registered.
    *_rebuilt(
        "memory_entities",
        f"""(
          owner TEXT NOT NULL,
          number INTEGER NOT NULL,
          entity_id TEXT NOT NULL,
          PRIMARY KEY (owner, number, entity_id),
          {_OF_A_MEMORY}
        ) WITHOUT ROWID""",
        "owner, number, entity_id",
        "SELECT owner, number, entity_id FROM memory_entities JOIN memories USING (number)",
    ),
    "CREATE INDEX memory_entities_by_entity ON memory_entities (owner, entity_id, number)",
    *_rebuilt(
        "memory_metadata",
        f"""(
          owner TEXT NOT NULL,
          field BLOB NOT NULL,
          number INTEGER NOT NULL,
          PRIMARY KEY (owner, field, number),
          {_OF_A_MEMORY}
        ) WITHOUT ROWID""",
        "owner, field, number",
        "SELECT owner, field, number FROM memory_metadata JOIN memories USING (number)",
    ),
    "CREATE INDEX memory_metadata_by_memory ON memory_metadata (owner, number)",
    "DROP INDEX claims_by_age",
    "CREATE INDEX claims_by_age ON claims (owner, created_at)",
)

# The words of all scripts. `words_checksum` tells by which words a memory is indexed: 0 if by none,
# because an older program derived them; see `stores.renewal`.
_VERSION_6 = (
    "INSERT INTO memory_words (memory_words) VALUES ('delete-all')",
    "ALTER TABLE memories ADD COLUMN words_checksum INTEGER NOT NULL DEFAULT 0",
    "CREATE INDEX memories_to_renew ON memories (owner, number) WHERE words_checksum = 0",
)

VERSIONS = (
    SchemaVersion(_VERSION_1),
    SchemaVersion(_VERSION_2),
    SchemaVersion(_VERSION_3, outdated=Derived.WORDS),
    SchemaVersion(_VERSION_4, outdated=Derived.METADATA_FIELDS | Derived.TAG_KEYS),
    SchemaVersion(_VERSION_5),
    SchemaVersion(_VERSION_6, outdated=Derived.WORDS),
)
"""How each version migrates the tables of the one before. Add a new version at the end.

Published versions never change. A version that adds a column of a memory declares it in
`memoryos_server.stores.columns`, with the version in `since`, and adds it with ALTER TABLE.
"""
