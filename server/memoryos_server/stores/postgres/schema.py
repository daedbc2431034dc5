"""The tables, and how a database comes from any earlier version to the present one.

Everything is in the schema `memoryos`, beside whatever else the database holds.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .error_translation import unusable

if TYPE_CHECKING:
    from psycopg import Connection

    from .engines import Engine

__all__ = ["MIGRATIONS", "migrate"]

# Texts may be long, and an index entry may not: names are found by a UUID that is made of them.
_VERSION_1 = (
    """
    CREATE TABLE memoryos.memories (
      number bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
      id {text} NOT NULL UNIQUE,
      owner {text} NOT NULL,
      content {text} NOT NULL,
      content_type {text} NOT NULL,
      tier {text} NOT NULL,
      memory_nature {text},
      importance_score double precision NOT NULL,
      confidence_score double precision NOT NULL,
      access_count bigint NOT NULL,
      last_accessed_at timestamptz,
      parent_memory_id {text} REFERENCES memoryos.memories (id) ON DELETE SET NULL,
      external_id {text},
      source_id {text},
      metadata {text} NOT NULL,
      pii_fields {text} NOT NULL,
      integrity_hash {text} NOT NULL,
      created_at timestamptz NOT NULL,
      updated_at timestamptz NOT NULL,
      expires_at timestamptz,
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
    # Which word stands where: one row for each word of each memory.
    """
    CREATE TABLE memoryos.memory_words (
      owner {text} NOT NULL,
      word {text} NOT NULL,
      number bigint NOT NULL REFERENCES memoryos.memories (number) ON DELETE CASCADE,
      positions integer[] NOT NULL,
      PRIMARY KEY (owner, word, number)
    )
    """,
    "CREATE INDEX memory_words_by_memory ON memoryos.memory_words (number)",
    """
    CREATE TABLE memoryos.tags (
      id uuid PRIMARY KEY,
      owner {text} NOT NULL,
      name {text} NOT NULL,
      folded {text} NOT NULL,
      color {text},
      description {text},
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
    """
    CREATE TABLE memoryos.entities (
      number bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
      id {text} NOT NULL UNIQUE,
      owner {text} NOT NULL,
      name {text} NOT NULL,
      folded {text} NOT NULL,
      type {text} NOT NULL,
      aliases {text} NOT NULL,
      metadata {text} NOT NULL,
      created_at timestamptz NOT NULL
    )
    """,
    "CREATE INDEX entities_by_owner ON memoryos.entities (owner)",
    # No reference to entities: a memory may name an entity before it is registered.
    """
    CREATE TABLE memoryos.memory_entities (
      number bigint NOT NULL REFERENCES memoryos.memories (number) ON DELETE CASCADE,
      entity uuid NOT NULL,
      PRIMARY KEY (number, entity)
    )
    """,
    "CREATE INDEX memory_entities_by_entity ON memoryos.memory_entities (entity, number)",
    """
    CREATE TABLE memoryos.claims (
      owner {text} NOT NULL,
      operation {text} NOT NULL,
      key {text} NOT NULL,
      body_hash {text} NOT NULL,
      record_id {text} NOT NULL,
      created_at timestamptz NOT NULL,
      PRIMARY KEY (owner, operation, key)
    )
    """,
    "CREATE INDEX claims_by_age ON memoryos.claims (created_at)",
    """
    CREATE TABLE memoryos.keys (
      hash {text} PRIMARY KEY,
      owner {text} NOT NULL,
      scopes {text} NOT NULL,
      name {text},
      created_at timestamptz NOT NULL,
      expires_at timestamptz,
      revoked_at timestamptz
    )
    """,
)

MIGRATIONS = (_VERSION_1,)
"""The statements that lead from each version to the next; a new version is added at the end.

`{text}` stands for the engine's type of text. The table of vectors is made by
`preparation`, as soon as there is an embedder and its dimension is known.
"""

_SETTINGS = (
    "CREATE SCHEMA IF NOT EXISTS memoryos",
    "CREATE TABLE memoryos.settings (name {text} PRIMARY KEY, value {text} NOT NULL)",
    "INSERT INTO memoryos.settings VALUES ('application', 'Memory OS'), ('version', '0')",
)


def migrate(connection: Connection[tuple[Any, ...]], engine: Engine, name: str) -> None:
    """Bring the database to the present version; several processes may try at once.

    Args:
        connection: in autocommit mode.
        engine: what runs the database.
        name: what to call the database in an error.

    Raises:
        ServiceError: with status 500, a newer program wrote the tables, or they are not ours.
    """
    if _version(connection, name) == len(MIGRATIONS):
        return
    with connection.transaction():
        if engine.schema_lock is not None:
            connection.execute(engine.schema_lock)
        version = _version(connection, name)
        statements = _SETTINGS if version is None else ()
        for step in (statements, *MIGRATIONS[version or 0 :]):
            for statement in step:
                connection.execute(statement.format(text=engine.text))
        connection.execute(
            "UPDATE memoryos.settings SET value = %s WHERE name = 'version'",
            (str(len(MIGRATIONS)),),
        )


def _version(connection: Connection[tuple[Any, ...]], name: str) -> int | None:
    """Return the version of the tables, or None where there are none."""
    tables = connection.execute(
        "SELECT table_name FROM information_schema.tables WHERE table_schema = 'memoryos'"
    ).fetchall()
    if not tables:
        return None
    if ("settings",) not in tables:
        raise unusable(name, "has a schema memoryos that was not made by Memory OS")
    rows = connection.execute("SELECT name, value FROM memoryos.settings").fetchall()
    settings = dict(rows)
    version = settings.get("version", "")
    if settings.get("application") != "Memory OS" or not version.isdecimal():
        raise unusable(name, "has a schema memoryos that was not made by Memory OS")
    if int(version) > len(MIGRATIONS):
        raise unusable(
            name,
            f"was written by a newer Memory OS (its version is {version}, this program knows up "
            f"to {len(MIGRATIONS)}): update this program",
        )
    return int(version)
