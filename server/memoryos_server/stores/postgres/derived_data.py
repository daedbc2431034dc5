"""What is computed from the records, renewed after a migration; see `stores.schema_versions`."""

# ruff: noqa: S608 - only constants of this package are put into the SQL, values are parameters

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any

from memoryos_server.model.scope_tags import scope_key
from memoryos_server.stores.renewal import RENEWAL_BATCH_CHARACTERS, RENEWAL_BATCH_SIZE, TO_RENEW
from memoryos_server.stores.row_mapper import DamagedValueError
from memoryos_server.stores.schema_versions import Derived
from memoryos_server.stores.tags_and_entities import entity_key

from . import metadata_fields, owners, text_search, vectors
from .memory_rows import MEMORY_ROWS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from psycopg import Connection

    from memoryos_server.model.records import Memory
    from memoryos_server.stores.analyses import Analyses
    from memoryos_server.stores.migration_log import MigrationLog

    from .statements import Statements

__all__ = ["derive", "end_renewal", "is_outdated", "outdated", "renew"]

_ROWS_PER_BATCH = 500
_MEMORIES = f"""
  SELECT {MEMORY_ROWS.column_list}, number FROM memoryos.memories
  WHERE owner = %s AND number > %s ORDER BY number LIMIT %s
"""
# Of one owner, since a database may be distributed by owner.
_OUTDATED = f"""
  SELECT {MEMORY_ROWS.column_list}, number FROM memoryos.memories
  WHERE owner = %s AND NOT analyzed ORDER BY number LIMIT %s
"""
_STILL_OUTDATED = f"""
  SELECT {MEMORY_ROWS.column_list}, number FROM memoryos.memories
  WHERE owner = %s AND number = ANY(%s::bigint[]) AND NOT analyzed
  ORDER BY number FOR NO KEY UPDATE
"""
_RENEWED = """
  UPDATE memoryos.memories SET word_count = new.word_count, analyzed = true
  FROM unnest(%s::bigint[], %s::integer[]) AS new (number, word_count)
  WHERE memories.owner = %s AND memories.number = new.number
"""
# There are no vectors before the first one is stored, and `staged` exists only while the embedder
# is being replaced.
_VECTOR_TABLES = """
  SELECT relname::text FROM pg_catalog.pg_class
  WHERE relnamespace = to_regnamespace('memoryos') AND relname IN ('vectors', 'staged')
"""


def derive(connection: Connection[tuple[Any, ...]], parts: Derived, log: MigrationLog) -> None:
    """Compute these parts anew, in one pass over the memories.

    Args:
        connection: a connection in a transaction that may write.
        parts: what to compute; tables that have nothing else are empty.
        log: is told of each batch of memories.
    """
    counts = owners.count_by_owner(connection) if parts else {}
    log.expect(sum(counts.values()))
    if Derived.WORDS in parts:
        connection.execute(
            "INSERT INTO memoryos.settings VALUES (%s, 'words') ON CONFLICT DO NOTHING", (TO_RENEW,)
        )
    if Derived.METADATA_FIELDS in parts:
        connection.execute("TRUNCATE memoryos.memory_metadata")
    for owner in counts:
        if Derived.TAG_KEYS in parts:
            _derive_tag_keys(connection, owner)
        if Derived.ENTITY_KEYS in parts:
            _derive_entity_keys(connection, owner)
        if Derived.METADATA_FIELDS in parts:
            _derive_metadata_fields(connection, owner, log)


def is_outdated(connection: Statements) -> bool:
    """Return whether an older program derived the words and search terms of some memories."""
    found = connection.execute("SELECT 1 FROM memoryos.settings WHERE name = %s", (TO_RENEW,))
    return found.fetchone() is not None


def end_renewal(connection: Connection[tuple[Any, ...]]) -> None:
    """Store that all memories are renewed."""
    connection.execute("DELETE FROM memoryos.settings WHERE name = %s", (TO_RENEW,))


def outdated(connection: Statements, owner: str) -> dict[int, Memory | None]:
    """Return some of the memories of an owner that `renew` has to renew.

    They come by number; None for one that is damaged.
    """
    found: dict[int, Memory | None] = {}
    remaining = RENEWAL_BATCH_CHARACTERS
    for row in connection.execute(_OUTDATED, (owner, RENEWAL_BATCH_SIZE)):
        found[row[-1]] = memory = _read(row)
        remaining -= 0 if memory is None else len(memory.content)
        if remaining <= 0:
            break
    return found


def renew(
    connection: Connection[tuple[Any, ...]], owner: str, numbers: Sequence[int], analyses: Analyses
) -> None:
    """Derive the words and search terms of those of these memories that are still outdated.

    Args:
        connection: a connection in a transaction that may write.
        owner: whose memories they are.
        numbers: the memories.
        analyses: knows the words and terms of most of them already.
    """
    tables = [name for (name,) in connection.execute(_VECTOR_TABLES).fetchall()]
    rows = connection.execute(_STILL_OUTDATED, (owner, list(numbers))).fetchall()
    read = {row[-1]: _read(row) for row in rows}
    memories = {number: memory for number, memory in read.items() if memory is not None}
    words = {number: analyses.words(memory) for number, memory in memories.items()}
    text_search.store_all(connection, owner, words)
    terms = {number: (memory, analyses.terms(memory)) for number, memory in memories.items()}
    for table in tables if terms else ():
        vectors.put_all_terms(connection, owner, terms, table)
    counts = [len(words.get(number, ())) for number in read]
    connection.execute(_RENEWED, (list(read), counts, owner))


def _read(row: tuple[Any, ...]) -> Memory | None:
    with suppress(DamagedValueError):
        return MEMORY_ROWS.from_row(row[:-1])
    return None


def _derive_metadata_fields(
    connection: Connection[tuple[Any, ...]], owner: str, log: MigrationLog
) -> None:
    last = 0
    while rows := connection.execute(_MEMORIES, (owner, last, _ROWS_PER_BATCH)).fetchall():
        memories = {row[-1]: MEMORY_ROWS.from_row(row[:-1]) for row in rows}
        fields = {number: memory.metadata for number, memory in memories.items()}
        metadata_fields.attach_all(connection, owner, fields)
        last = rows[-1][-1]
        log.advance(len(rows))


def _derive_tag_keys(connection: Connection[tuple[Any, ...]], owner: str) -> None:
    tags = connection.execute("SELECT id, name FROM memoryos.tags WHERE owner = %s", (owner,))
    connection.cursor().executemany(
        "UPDATE memoryos.tags SET scope_key = %s WHERE owner = %s AND id = %s",
        [(scope_key(name), owner, tag) for tag, name in tags.fetchall()],
    )


def _derive_entity_keys(connection: Connection[tuple[Any, ...]], owner: str) -> None:
    entities = connection.execute(
        "SELECT number, id FROM memoryos.entities WHERE owner = %s", (owner,)
    )
    connection.cursor().executemany(
        "UPDATE memoryos.entities SET key = %s WHERE owner = %s AND number = %s",
        [(entity_key(entity), owner, number) for number, entity in entities.fetchall()],
    )
