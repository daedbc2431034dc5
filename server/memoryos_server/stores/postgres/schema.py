"""The tables of the PostgreSQL store, and the migrations from earlier versions.

All tables are in the schema `memoryos`, so the database may contain other schemas too.
"""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any

from psycopg.errors import DeadlockDetected, InsufficientPrivilege

from memoryos_server.stores.columns import MEMORY_COLUMNS
from memoryos_server.stores.migration_log import MigrationLog
from memoryos_server.stores.row_mapper import column_definition
from memoryos_server.stores.schema_versions import Derived, SchemaVersion, outdated
from memoryos_server.stores.store_state import SchemaAge

from . import derived_data, distribution
from .column_types import SQL_TYPES, TEXT
from .locks import SCHEMA_LOCK
from .unfinished_copy import check_finished
from .unusable_database import unusable

if TYPE_CHECKING:
    from collections.abc import Mapping

    from psycopg import Connection

__all__ = ["VERSIONS", "is_current", "migrate", "schema_age"]

_MEMORY_COLUMNS = ",\n      ".join(
    column_definition(column, SQL_TYPES, memories="memoryos.memories")
    for column in MEMORY_COLUMNS
    if column.since.postgres == 1
)

# An index entry has a maximum size and a text doesn't, so names are indexed by UUIDs made of them.
_VERSION_1 = (
    f"""
    CREATE TABLE memoryos.memories (
      number bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
      {_MEMORY_COLUMNS},
      word_count integer NOT NULL,
      embedded boolean NOT NULL
    )
    """,
    "CREATE INDEX memories_by_age ON memoryos.memories (owner, created_at, number)",
    "CREATE INDEX memories_by_tier ON memoryos.memories (owner, tier, created_at, number)",
    """
    CREATE INDEX memories_by_nature ON memoryos.memories (owner, memory_nature)
    WHERE memory_nature IS NOT NULL
    """,
    "CREATE INDEX memories_by_length ON memoryos.memories (owner) INCLUDE (word_count)",
    """
    CREATE INDEX memories_by_parent ON memoryos.memories (parent_memory_id)
    WHERE parent_memory_id IS NOT NULL
    """,
    """
    CREATE INDEX memories_by_expiry ON memoryos.memories (expires_at)
    WHERE expires_at IS NOT NULL
    """,
    "CREATE INDEX memories_to_embed ON memoryos.memories (number) WHERE NOT embedded",
    # One row for each distinct word of each memory, with its positions.
    f"""
    CREATE TABLE memoryos.memory_words (
      owner {TEXT} NOT NULL,
      word {TEXT} NOT NULL,
      number bigint NOT NULL REFERENCES memoryos.memories (number) ON DELETE CASCADE,
      positions integer[] NOT NULL,
      PRIMARY KEY (owner, word, number)
    )
    """,
    "CREATE INDEX memory_words_by_memory ON memoryos.memory_words (number)",
    f"""
    CREATE TABLE memoryos.tags (
      id uuid PRIMARY KEY,
      owner {TEXT} NOT NULL,
      name {TEXT} NOT NULL,
      folded {TEXT} NOT NULL,
      color {TEXT},
      description {TEXT},
      created_at timestamptz NOT NULL,
      updated_at timestamptz NOT NULL
    )
    """,
    "CREATE INDEX tags_by_owner ON memoryos.tags (owner)",
    """
    CREATE TABLE memoryos.memory_tags (
      number bigint NOT NULL REFERENCES memoryos.memories (number) ON DELETE CASCADE,
      tag_id uuid NOT NULL REFERENCES memoryos.tags (id) ON DELETE CASCADE,
      PRIMARY KEY (number, tag_id)
    )
    """,
    "CREATE INDEX memory_tags_by_tag ON memoryos.memory_tags (tag_id, number)",
    f"""
    CREATE TABLE memoryos.entities (
      number bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
      id {TEXT} NOT NULL UNIQUE,
      owner {TEXT} NOT NULL,
      name {TEXT} NOT NULL,
      folded {TEXT} NOT NULL,
      type {TEXT} NOT NULL,
      aliases {TEXT} NOT NULL,
      metadata {TEXT} NOT NULL,
      created_at timestamptz NOT NULL
    )
    """,
    "CREATE INDEX entities_by_owner ON memoryos.entities (owner)",
    # No foreign key to entities: a memory may refer to an entity before it is registered.
    """
    CREATE TABLE memoryos.memory_entities (
      number bigint NOT NULL REFERENCES memoryos.memories (number) ON DELETE CASCADE,
      entity uuid NOT NULL,
      PRIMARY KEY (number, entity)
    )
    """,
    "CREATE INDEX memory_entities_by_entity ON memoryos.memory_entities (entity, number)",
    f"""
    CREATE TABLE memoryos.claims (
      owner {TEXT} NOT NULL,
      operation {TEXT} NOT NULL,
      key {TEXT} NOT NULL,
      body_hash {TEXT} NOT NULL,
      record_id {TEXT} NOT NULL,
      created_at timestamptz NOT NULL,
      PRIMARY KEY (owner, operation, key)
    )
    """,
    "CREATE INDEX claims_by_age ON memoryos.claims (created_at)",
    f"""
    CREATE TABLE memoryos.keys (
      hash {TEXT} PRIMARY KEY,
      owner {TEXT} NOT NULL,
      scopes {TEXT} NOT NULL,
      name {TEXT},
      created_at timestamptz NOT NULL,
      expires_at timestamptz,
      revoked_at timestamptz
    )
    """,
)

# Texts are folded before they are split into words, and more forms of dates are read.
_VERSION_2 = SchemaVersion((), Derived.WORDS)

# One row for each key at the top level of the metadata; see `stores.metadata_fields`.
# `scope_key` is the key of a tag such as `user:alice`, NULL for other tags.
# `entities.key` is what references to an entity are indexed by.
_VERSION_3 = SchemaVersion(
    (
        """
        CREATE TABLE memoryos.memory_metadata (
          field uuid NOT NULL,
          number bigint NOT NULL REFERENCES memoryos.memories (number) ON DELETE CASCADE,
          PRIMARY KEY (field, number)
        )
        """,
        "CREATE INDEX memory_metadata_by_memory ON memoryos.memory_metadata (number)",
        # By a hash: an external id can be longer than an index entry.
        """
        CREATE INDEX memories_by_external_id
        ON memoryos.memories (owner, hashtextextended(external_id, 0))
        WHERE external_id IS NOT NULL
        """,
        f"ALTER TABLE memoryos.keys ADD COLUMN scope_tags {TEXT} NOT NULL DEFAULT '[]'",
        f"ALTER TABLE memoryos.tags ADD COLUMN scope_key {TEXT}",
        "ALTER TABLE memoryos.entities ADD COLUMN key uuid",
    ),
    Derived.METADATA_FIELDS | Derived.TAG_KEYS | Derived.ENTITY_KEYS,
)


def _of_memory(table: str) -> str:
    """Return the definition of the foreign key of a table, to the memory of each row."""
    return (
        f"ALTER TABLE IF EXISTS memoryos.{table} ADD FOREIGN KEY (owner, number) "
        "REFERENCES memoryos.memories (owner, number) ON DELETE CASCADE"
    )


def _add_owner(table: str) -> tuple[str, ...]:
    """Return the statements that add the owner of its memory to each row of a table.

    Without its indexes, which the update of all rows would fill a second time.
    """
    return (
        f"ALTER TABLE memoryos.{table} DROP CONSTRAINT {table}_pkey, ADD COLUMN owner {TEXT}",
        f"""
        UPDATE memoryos.{table} SET owner = memories.owner
        FROM memoryos.memories WHERE memories.number = {table}.number
        """,  # noqa: S608 - only constants of this package are put into the SQL
        f"ALTER TABLE memoryos.{table} ALTER COLUMN owner SET NOT NULL",
    )


def _index_large_owners(table: str) -> tuple[str, ...]:
    """Return the statements that leave only vectors of owners with many memories in the index."""
    return (
        f"""
        ALTER TABLE IF EXISTS memoryos.{table}
        ADD COLUMN indexed boolean NOT NULL DEFAULT false
        """,
        f"DROP INDEX IF EXISTS memoryos.{table}_nearest",
        f"""
        DO $$ BEGIN
          IF to_regclass('memoryos.{table}') IS NULL THEN RETURN; END IF;
          UPDATE memoryos.{table} SET indexed = true WHERE owner IN (
            SELECT owner FROM memoryos.{table} GROUP BY owner HAVING count(*) > 10000
          );
          CREATE INDEX {table}_to_compare ON memoryos.{table} (owner, number) WHERE NOT indexed;
          IF (SELECT atttypmod FROM pg_catalog.pg_attribute
            WHERE attrelid = to_regclass('memoryos.{table}') AND attname = 'vector') <= 2000
          THEN
            CREATE INDEX {table}_nearest ON memoryos.{table}
            USING hnsw (vector vector_ip_ops) WHERE indexed;
          END IF;
        END $$
        """,  # noqa: S608 - only constants of this package are put into the SQL
    )


# The owner comes first in every key and index, so that a database can be distributed by owner.
# A foreign key can't clear the parent alone and keep the owner before PostgreSQL 15, so a deletion
# clears the parents of the children itself.
_VERSION_4 = SchemaVersion(
    (
        """
        DROP INDEX memoryos.memories_by_parent, memoryos.memories_by_expiry,
        memoryos.memories_to_embed, memoryos.claims_by_age, memoryos.memory_words_by_memory,
        memoryos.memory_tags_by_tag, memoryos.memory_entities_by_entity,
        memoryos.memory_metadata_by_memory
        """,
        *_add_owner("memory_tags"),
        *_add_owner("memory_entities"),
        *_add_owner("memory_metadata"),
        # With them go all foreign keys to memories and tags.
        """
        ALTER TABLE memoryos.memories
        DROP CONSTRAINT memories_pkey CASCADE, DROP CONSTRAINT memories_id_key CASCADE,
        ADD PRIMARY KEY (owner, number), ADD UNIQUE (owner, id)
        """,
        """
        ALTER TABLE memoryos.tags DROP CONSTRAINT tags_pkey CASCADE, ADD PRIMARY KEY (owner, id)
        """,
        "DROP INDEX memoryos.tags_by_owner",
        """
        ALTER TABLE memoryos.entities
        DROP CONSTRAINT entities_pkey, DROP CONSTRAINT entities_id_key,
        ADD PRIMARY KEY (owner, number), ADD UNIQUE (owner, id)
        """,
        "DROP INDEX memoryos.entities_by_owner",
        """
        CREATE INDEX memories_by_parent ON memoryos.memories (owner, parent_memory_id)
        WHERE parent_memory_id IS NOT NULL
        """,
        """
        CREATE INDEX memories_by_expiry ON memoryos.memories (owner, expires_at)
        WHERE expires_at IS NOT NULL
        """,
        "CREATE INDEX memories_to_embed ON memoryos.memories (owner, number) WHERE NOT embedded",
        "CREATE INDEX claims_by_age ON memoryos.claims (owner, created_at)",
        "CREATE INDEX memory_words_by_memory ON memoryos.memory_words (owner, number)",
        """
        ALTER TABLE memoryos.memory_tags
        ADD PRIMARY KEY (owner, number, tag_id),
        ADD FOREIGN KEY (owner, tag_id) REFERENCES memoryos.tags (owner, id) ON DELETE CASCADE
        """,
        "CREATE INDEX memory_tags_by_tag ON memoryos.memory_tags (owner, tag_id, number)",
        """
        ALTER TABLE memoryos.memory_entities
        ADD PRIMARY KEY (owner, number, entity)
        """,
        """
        CREATE INDEX memory_entities_by_entity
        ON memoryos.memory_entities (owner, entity, number)
        """,
        """
        ALTER TABLE memoryos.memory_metadata
        ADD PRIMARY KEY (owner, field, number)
        """,
        "CREATE INDEX memory_metadata_by_memory ON memoryos.memory_metadata (owner, number)",
        # They exist once an embedder has stored a vector, and while it is being replaced.
        """
        ALTER TABLE IF EXISTS memoryos.vectors
        DROP CONSTRAINT vectors_pkey, ADD PRIMARY KEY (owner, number)
        """,
        """
        ALTER TABLE IF EXISTS memoryos.staged
        DROP CONSTRAINT staged_pkey, ADD PRIMARY KEY (owner, number)
        """,
        "DROP INDEX IF EXISTS memoryos.vectors_by_owner, memoryos.staged_by_owner",
        *_index_large_owners("vectors"),
        *_index_large_owners("staged"),
        *map(_of_memory, ("memory_words", "memory_tags", "memory_entities", "memory_metadata")),
        *map(_of_memory, ("vectors", "staged")),
    )
)

# The words of all scripts. `analyzed` is false where an older program derived the words and search
# terms, until they are renewed; see `stores.renewal`.
_VERSION_5 = SchemaVersion(
    (
        "TRUNCATE memoryos.memory_words",
        "ALTER TABLE memoryos.memories ADD COLUMN analyzed boolean NOT NULL DEFAULT false",
        """
        CREATE INDEX memories_to_renew ON memoryos.memories (owner, number) WHERE NOT analyzed
        """,
    ),
    Derived.WORDS,
)

VERSIONS = (SchemaVersion(_VERSION_1), _VERSION_2, _VERSION_3, _VERSION_4, _VERSION_5)
"""The versions of the tables, which migrate each one to the next.

Add a new version at the end.

Published versions never change. A version that adds a column of a memory declares it in
`memoryos_server.stores.columns`, with the version in `since`, and adds it with ALTER TABLE.
`vector_setup` creates the table of vectors when an embedder stores the first one.
"""

_MAX_LOCK_ATTEMPTS = 10
_CREATE_SCHEMA = "CREATE SCHEMA memoryos"
_SETTINGS = (
    f"CREATE TABLE memoryos.settings (name {TEXT} PRIMARY KEY, value {TEXT} NOT NULL)",
    "INSERT INTO memoryos.settings VALUES ('application', 'Memory OS'), ('version', '0')",
)
# The catalog, since `information_schema` leaves out what this user has no rights on.
_TABLES = """
  SELECT relname::text FROM pg_catalog.pg_class
  WHERE relnamespace = to_regnamespace('memoryos') AND relkind IN ('r', 'p', 'v', 'f')
"""
_NO_SCHEMA = (
    "does not allow this user to create a schema: have its administrator run "
    "CREATE SCHEMA memoryos AUTHORIZATION, followed by the name of this user"
)
_NO_MEMORY_OS = (
    "contains no Memory OS: correct the URL, or create one with `memoryos serve` or "
    "`memoryos keys create`"
)
_NO_TABLES = (
    "does not allow this user to create tables in the schema memoryos: have its administrator run "
    "ALTER SCHEMA memoryos OWNER TO, followed by the name of this user"
)
_OLD_TABLES = (
    "was written by an older Memory OS, and this user may not change its tables: run "
    "`memoryos stats --store` once, with the URL of the user who owns them"
)


def is_current(connection: Connection[tuple[Any, ...]], name: str) -> bool:
    """Return whether the database has the tables of the current version.

    Args:
        connection: a connection in a transaction.
        name: the name of the database for error messages.

    Raises:
        ServiceError: with status 500, a newer version of Memory OS wrote the tables, or another
            program did.
    """
    return _version(connection, name) == len(VERSIONS)


def migrate(connection: Connection[tuple[Any, ...]], name: str, *, may_create: bool = True) -> None:
    """Migrate the database to the current version. Several processes may do this at once.

    Args:
        connection: a connection in a transaction that may write.
        name: the name of the database for error messages.
        may_create: whether to create the tables if there are none.

    Raises:
        ServiceError: with status 500, as `is_current`, or there are no tables and this user or the
            caller may not create them.
    """
    connection.execute(SCHEMA_LOCK)
    version = _version(connection, name)
    if version is None:
        if not may_create:
            raise unusable(name, _NO_MEMORY_OS)
        _create_schema(connection, name)
    if version == len(VERSIONS):  # another process has just migrated it
        return
    log = None
    if version is not None:
        log = MigrationLog(name, version, len(VERSIONS))
        _lock_tables(connection)
    later = VERSIONS[version or 0 :]
    try:
        for statements in (
            _SETTINGS if version is None else (),
            *(one.statements for one in later),
        ):
            for statement in statements:
                connection.execute(statement)
    except InsufficientPrivilege as error:
        raise unusable(name, _NO_TABLES if version is None else _OLD_TABLES) from error
    if log is not None:
        derived_data.derive(connection, outdated(later), log)
    distribution.distribute_all(connection)
    connection.execute(
        "UPDATE memoryos.settings SET value = %s WHERE name = 'version'", (str(len(VERSIONS)),)
    )
    if log is not None:
        log.end()


def _lock_tables(connection: Connection[tuple[Any, ...]]) -> None:
    """Wait for the transactions of servers of an earlier version, and make later ones wait.

    They lock tables one after the other, so waiting for them can end in a deadlock. Then this gives
    back its locks and waits again. The statements of a migration can't be in a deadlock afterwards.
    """
    names = sorted(name for (name,) in connection.execute(_TABLES) if name != "settings")
    lock = f"LOCK TABLE {', '.join(f'memoryos.{name}' for name in names)} IN ACCESS EXCLUSIVE MODE"
    for _ in range(_MAX_LOCK_ATTEMPTS - 1):
        with suppress(DeadlockDetected), connection.transaction():
            connection.execute(lock)
            return
    connection.execute(lock)


def _create_schema(connection: Connection[tuple[Any, ...]], name: str) -> None:
    # IF NOT EXISTS would need the right to create schemas also where an administrator made it.
    if connection.execute("SELECT to_regnamespace('memoryos')").fetchone() != (None,):
        return
    try:
        connection.execute(_CREATE_SCHEMA)
    except InsufficientPrivilege as error:
        raise unusable(name, _NO_SCHEMA) from error


def _version(connection: Connection[tuple[Any, ...]], name: str) -> int | None:
    """Return the version of the tables, or None if there are none."""
    tables = connection.execute(_TABLES).fetchall()
    if not tables:
        return None
    if ("settings",) not in tables:
        raise unusable(name, "has a schema memoryos that was not made by Memory OS")
    rows = connection.execute("SELECT name, value FROM memoryos.settings").fetchall()
    version = _stored_version(dict(rows), name)
    if version > len(VERSIONS):
        raise unusable(
            name,
            f"was written by a newer Memory OS: its version is {version}, and this program "
            f"supports versions up to {len(VERSIONS)}. Update this program",
        )
    return version


def schema_age(settings: Mapping[str, str], name: str) -> SchemaAge:
    """Return the age of the tables by the values of the settings.

    Raises:
        ServiceError: with status 500, they are not those of Memory OS.
    """
    return SchemaAge.compare(_stored_version(settings, name), len(VERSIONS))


def _stored_version(settings: Mapping[str, str], name: str) -> int:
    version = settings.get("version", "")
    check_finished(settings, name)
    if settings.get("application") != "Memory OS" or not version.isdecimal():
        raise unusable(name, "has a schema memoryos that was not made by Memory OS")
    return int(version)
