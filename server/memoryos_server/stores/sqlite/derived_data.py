"""What is derived from texts and stored beside them: computed again after a migration."""

# ruff: noqa: S608 - only constants of this package are put into the SQL, values are parameters

from __future__ import annotations

from typing import TYPE_CHECKING

from memoryos_server.search.text_analysis import analyze_memory
from memoryos_server.stores.schema_versions import Derived
from memoryos_server.stores.words import words_of

from . import full_text, metadata_fields, tags_and_entities, vectors
from .memory_rows import MEMORY_ROWS
from .owners import count_by_owner

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterator

    from memoryos_server.model.records import Memory

__all__ = ["renew"]

_BATCH_SIZE = 256


def renew(connection: sqlite3.Connection, parts: Derived) -> None:
    """Derive parts of the data of all owners again, in one pass over the memories.

    Args:
        connection: a connection in a transaction, to the tables of the current version.
        parts: what to derive.
    """
    if parts & Derived.WORDS:
        full_text.clear(connection)
    for owner in count_by_owner(connection):
        if parts & Derived.TAG_KEYS:
            tags_and_entities.add_scope_keys(connection, owner)
        if parts & Derived.MEMORIES:
            for number, memory in _memories(connection, owner):
                _derive(connection, number, memory, parts)


def _derive(connection: sqlite3.Connection, number: int, memory: Memory, parts: Derived) -> None:
    if parts & Derived.WORDS:
        full_text.index(connection, number, memory.owner, words_of(memory.content))
    if parts & Derived.METADATA_FIELDS:
        metadata_fields.detach(connection, number, memory.owner)
        metadata_fields.attach(connection, number, memory.owner, memory.metadata)
    if parts & Derived.SEARCH_TERMS:
        vectors.replace_terms(connection, number, memory.owner, analyze_memory(memory))


def _memories(connection: sqlite3.Connection, owner: str) -> Iterator[tuple[int, Memory]]:
    """Yield the memories of an owner by number; they may be changed meanwhile."""
    last = 0
    while rows := connection.execute(
        f"SELECT {MEMORY_ROWS.column_list}, number FROM memories "
        "WHERE owner = ? AND number > ? ORDER BY number LIMIT ?",
        (owner, last, _BATCH_SIZE),
    ).fetchall():
        yield from ((row[-1], MEMORY_ROWS.from_row(row[:-1])) for row in rows)
        last = rows[-1][-1]
