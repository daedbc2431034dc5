"""What is computed from the records, renewed after a migration; see `stores.schema_versions`."""

# ruff: noqa: S608 - only constants of this package are put into the SQL, values are parameters

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from memoryos_server.model.scope_tags import scope_key
from memoryos_server.search.text_analysis import analyze_memory
from memoryos_server.stores.schema_versions import Derived
from memoryos_server.stores.tags_and_entities import entity_key
from memoryos_server.stores.words import words_of

from . import metadata_fields, owners, text_search, vectors
from .memory_rows import MEMORY_ROWS

if TYPE_CHECKING:
    from psycopg import Connection

    from memoryos_server.model.records import Memory

__all__ = ["renew"]

_ROWS_PER_BATCH = 500
_MEMORIES = f"""
  SELECT {MEMORY_ROWS.column_list}, number FROM memoryos.memories
  WHERE owner = %s AND number > %s ORDER BY number LIMIT %s
"""
# There are no vectors before the first one is stored, and `staged` exists only while the embedder
# is being replaced.
_VECTOR_TABLES = """
  SELECT relname::text FROM pg_catalog.pg_class
  WHERE relnamespace = to_regnamespace('memoryos') AND relname IN ('vectors', 'staged')
"""


def renew(connection: Connection[tuple[Any, ...]], parts: Derived) -> None:
    """Compute these parts anew, in one pass over the memories."""
    if Derived.WORDS in parts:
        connection.execute("TRUNCATE memoryos.memory_words")
    if Derived.METADATA_FIELDS in parts:
        connection.execute("TRUNCATE memoryos.memory_metadata")
    tables = _vector_tables(connection) if Derived.SEARCH_TERMS in parts else []
    for owner in owners.count_by_owner(connection) if parts else ():
        if Derived.TAG_KEYS in parts:
            _renew_tag_keys(connection, owner)
        if Derived.ENTITY_KEYS in parts:
            _renew_entity_keys(connection, owner)
        if parts & Derived.MEMORIES:
            _renew_memories(connection, owner, parts, tables)


def _vector_tables(connection: Connection[tuple[Any, ...]]) -> list[str]:
    return [name for (name,) in connection.execute(_VECTOR_TABLES).fetchall()]


def _renew_memories(
    connection: Connection[tuple[Any, ...]], owner: str, parts: Derived, tables: list[str]
) -> None:
    last = 0
    while rows := connection.execute(_MEMORIES, (owner, last, _ROWS_PER_BATCH)).fetchall():
        for row in rows:
            memory, last = MEMORY_ROWS.from_row(row[:-1]), row[-1]
            if Derived.WORDS in parts:
                _renew_words(connection, memory, last)
            if Derived.METADATA_FIELDS in parts:
                metadata_fields.attach(connection, owner, last, memory.metadata)
            if tables:
                analysis = analyze_memory(memory)
                for table in tables:
                    vectors.put_terms(connection, last, memory, analysis, table=table)


def _renew_words(connection: Connection[tuple[Any, ...]], memory: Memory, number: int) -> None:
    words = words_of(memory.content)
    text_search.store(connection, memory.owner, number, words)
    connection.execute(
        "UPDATE memoryos.memories SET word_count = %s "
        "WHERE owner = %s AND number = %s AND word_count <> %s",
        (len(words), memory.owner, number, len(words)),
    )


def _renew_tag_keys(connection: Connection[tuple[Any, ...]], owner: str) -> None:
    tags = connection.execute("SELECT id, name FROM memoryos.tags WHERE owner = %s", (owner,))
    connection.cursor().executemany(
        "UPDATE memoryos.tags SET scope_key = %s WHERE owner = %s AND id = %s",
        [(scope_key(name), owner, tag) for tag, name in tags.fetchall()],
    )


def _renew_entity_keys(connection: Connection[tuple[Any, ...]], owner: str) -> None:
    entities = connection.execute(
        "SELECT number, id FROM memoryos.entities WHERE owner = %s", (owner,)
    )
    connection.cursor().executemany(
        "UPDATE memoryos.entities SET key = %s WHERE owner = %s AND number = %s",
        [(entity_key(entity), owner, number) for number, entity in entities.fetchall()],
    )
