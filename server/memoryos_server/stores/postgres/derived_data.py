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
    from collections.abc import Mapping

    from psycopg import Connection

    from memoryos_server.model.records import Memory
    from memoryos_server.stores.migration_log import MigrationLog

__all__ = ["renew"]

_ROWS_PER_BATCH = 500
_MEMORIES = f"""
  SELECT {MEMORY_ROWS.column_list}, number FROM memoryos.memories
  WHERE owner = %s AND number > %s ORDER BY number LIMIT %s
"""
_UPDATE_WORD_COUNTS = """
  UPDATE memoryos.memories SET word_count = new.word_count
  FROM unnest(%s::bigint[], %s::integer[]) AS new (number, word_count)
  WHERE memories.owner = %s AND memories.number = new.number
  AND memories.word_count <> new.word_count
"""
# There are no vectors before the first one is stored, and `staged` exists only while the embedder
# is being replaced.
_VECTOR_TABLES = """
  SELECT relname::text FROM pg_catalog.pg_class
  WHERE relnamespace = to_regnamespace('memoryos') AND relname IN ('vectors', 'staged')
"""


def renew(connection: Connection[tuple[Any, ...]], parts: Derived, log: MigrationLog) -> None:
    """Compute these parts anew, in one pass over the memories.

    Args:
        connection: a connection in a transaction that may write.
        parts: what to compute; tables that have nothing else are empty.
        log: is told of each batch of memories.
    """
    tables = _vector_tables(connection) if Derived.SEARCH_TERMS in parts else []
    counts = owners.count_by_owner(connection) if parts else {}
    log.expect(sum(counts.values()))
    for owner in counts:
        if Derived.TAG_KEYS in parts:
            _renew_tag_keys(connection, owner)
        if Derived.ENTITY_KEYS in parts:
            _renew_entity_keys(connection, owner)
        if parts & Derived.MEMORIES:
            _renew_memories(connection, owner, parts, tables, log)


def _vector_tables(connection: Connection[tuple[Any, ...]]) -> list[str]:
    return [name for (name,) in connection.execute(_VECTOR_TABLES).fetchall()]


def _renew_memories(
    connection: Connection[tuple[Any, ...]],
    owner: str,
    parts: Derived,
    tables: list[str],
    log: MigrationLog,
) -> None:
    last = 0
    while rows := connection.execute(_MEMORIES, (owner, last, _ROWS_PER_BATCH)).fetchall():
        memories = {row[-1]: MEMORY_ROWS.from_row(row[:-1]) for row in rows}
        if Derived.WORDS in parts:
            _renew_words(connection, owner, memories)
        if Derived.METADATA_FIELDS in parts:
            fields = {number: memory.metadata for number, memory in memories.items()}
            metadata_fields.attach_all(connection, owner, fields)
        if tables:
            analyses = {
                number: (memory, analyze_memory(memory)) for number, memory in memories.items()
            }
            for table in tables:
                vectors.put_all_terms(connection, owner, analyses, table)
        last = rows[-1][-1]
        log.advance(len(rows))


def _renew_words(
    connection: Connection[tuple[Any, ...]], owner: str, memories: Mapping[int, Memory]
) -> None:
    words = {number: words_of(memory.content) for number, memory in memories.items()}
    text_search.store_all(connection, owner, words)
    counts = [*words], [*map(len, words.values())]
    connection.execute(_UPDATE_WORD_COUNTS, (*counts, owner))


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
