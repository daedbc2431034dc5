"""Memories in SQLite. Each function runs within the caller's transaction."""

# ruff: noqa: S608 - only constants of this package are put into the SQL, values are parameters

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any, NamedTuple

from memoryos_server.model.memory_expiry import EXPIRED_MEMORY_GRACE
from memoryos_server.model.metadata import entity_ids, tag_names
from memoryos_server.model.records import RankingAttributes
from memoryos_server.model.scope_tags import matches
from memoryos_server.stores.analyses import ANALYZED_FIELDS, Analyses
from memoryos_server.stores.columns import RANKING_COLUMNS
from memoryos_server.stores.limits import PURGE_BATCH_CHARACTERS, PURGE_BATCH_SIZE
from memoryos_server.stores.protocol import UnknownParentError
from memoryos_server.stores.row_mapper import DamagedValueError, RowMapper, detect_damage, to_json

from . import full_text, metadata_fields, reembedding, tags_and_entities, vectors
from .column_types import CODECS, from_time, to_time
from .conditions import condition
from .memory_rows import MEMORY_ROWS

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable, Mapping, Sequence
    from datetime import datetime

    from memoryos_server.model.records import Access, Memory, Selection

__all__ = [
    "Purged",
    "add_vector",
    "attach_tags_and_entities",
    "by_number",
    "change_without_vector",
    "check_parent",
    "delete",
    "find",
    "insert",
    "newest_creation",
    "newest_numbers",
    "page",
    "purge_expired",
    "ranking_attributes",
    "record_accesses",
    "update",
    "without_vectors",
]

_LIST = MEMORY_ROWS.column_list
_QUALIFIED_LIST = MEMORY_ROWS.qualified_column_list("memories")
_PLACEHOLDERS = ", ".join("?" * len(MEMORY_ROWS.names))
_RANKING_ROWS = RowMapper(RankingAttributes, RANKING_COLUMNS, CODECS)
# CROSS JOIN fixes the order of a join; SQLite would otherwise read all of the owner's memories.
_BY_NUMBER = """
  json_each(?) AS wanted CROSS JOIN memories ON memories.number = wanted.value
  WHERE memories.owner = ?
"""
_UNEXPIRED = "(expires_at IS NULL OR expires_at > ?)"
_INDEXED = {"tier", "expires_at", "memory_nature", *ANALYZED_FIELDS}
"""The columns whose change the in-memory index must see."""


def insert(
    connection: sqlite3.Connection,
    memory: Memory,
    vector: bytes | None,
    analyses: Analyses,
    within: Selection,
) -> None:
    """Store a memory, its tags, its references to entities and its vector.

    Raises:
        UnknownParentError: the parent memory isn't one of `within`.
    """
    check_parent(connection, memory, within)
    words = analyses.words(memory)
    number = connection.execute(
        f"INSERT INTO memories ({_LIST}, word_count, words_checksum) "
        f"VALUES ({_PLACEHOLDERS}, ?, ?)",
        (*MEMORY_ROWS.to_row(memory), len(words), full_text.checksum(words)),
    ).lastrowid
    assert number is not None
    full_text.insert(connection, number, memory.owner, words)
    attach_tags_and_entities(connection, number, memory)
    metadata_fields.attach(connection, number, memory.owner, memory.metadata)
    vectors.insert(connection, number, memory.owner, vector, analyses.terms(memory))


@detect_damage
def _read_time(row: tuple[Any, ...]) -> datetime | None:
    return None if row[0] is None else to_time(row[0])


def newest_creation(connection: sqlite3.Connection, owner: str) -> datetime | None:
    """Return when the newest memory of an owner was created, or None if there is none."""
    row = connection.execute(
        "SELECT max(created_at) FROM memories WHERE owner = ?", (owner,)
    ).fetchone()
    return _read_time(row)


def check_parent(connection: sqlite3.Connection, memory: Memory, within: Selection) -> None:
    """Check that a memory's parent, if it has one, is one of `within`.

    Raises:
        UnknownParentError: it isn't.
    """
    parent = memory.parent_memory_id
    if parent is not None and find(connection, within, parent) is None:
        raise UnknownParentError(parent)


def find(connection: sqlite3.Connection, within: Selection, memory_id: str) -> Memory | None:
    """Return a memory with the owner and the tags of the selection, or None."""
    row = connection.execute(
        f"SELECT {_LIST} FROM memories WHERE owner = ? AND id = ? AND {_UNEXPIRED}",
        (within.owner, memory_id, from_time(within.now)),
    ).fetchone()
    if row is None:
        return None
    memory = MEMORY_ROWS.from_row(row)
    return memory if matches(memory.metadata, within.tags, within.scope_tags) else None


def page(
    connection: sqlite3.Connection, selection: Selection, limit: int, offset: int
) -> tuple[list[Memory], int]:
    """Return one page of the selected memories, newest first, and their total number."""
    where, values = condition(selection)
    total: int = connection.execute(
        f"SELECT count(*) FROM memories WHERE {where}", values
    ).fetchone()[0]
    if offset >= total:
        return [], total
    rows = connection.execute(
        f"SELECT {_LIST} FROM memories WHERE {where} "
        "ORDER BY created_at DESC, number DESC LIMIT ? OFFSET ?",
        [*values, limit, offset],
    )
    return [MEMORY_ROWS.from_row(row) for row in rows], total


def newest_numbers(connection: sqlite3.Connection, selection: Selection, count: int) -> list[int]:
    """Return the numbers of the newest selected memories."""
    where, values = condition(selection)
    rows = connection.execute(
        f"SELECT number FROM memories WHERE {where} ORDER BY created_at DESC, number DESC LIMIT ?",
        [*values, count],
    )
    return [row[0] for row in rows]


def by_number(
    connection: sqlite3.Connection, owner: str, numbers: Sequence[int]
) -> dict[int, Memory]:
    """Return memories by number."""
    rows = connection.execute(
        f"SELECT {_QUALIFIED_LIST}, number FROM {_BY_NUMBER}", (to_json(numbers), owner)
    )
    return {row[-1]: MEMORY_ROWS.from_row(row[:-1]) for row in rows}


def ranking_attributes(
    connection: sqlite3.Connection, owner: str, numbers: Sequence[int]
) -> dict[int, RankingAttributes]:
    """Return the ranking attributes of memories, by number."""
    rows = connection.execute(
        "SELECT memories.id, tier, importance_score, coalesce(last_accessed_at, created_at), "
        f"number FROM {_BY_NUMBER}",
        (to_json(numbers), owner),
    )
    return {row[-1]: _RANKING_ROWS.from_row(row[:-1]) for row in rows}


def update(
    connection: sqlite3.Connection,
    before: Memory,
    change: Callable[[Memory], Memory],
    vector: bytes | None,
    analyses: Analyses,
    within: Selection,
) -> Memory:
    """Replace the memory `before` with the result of `change`.

    Raises:
        UnknownParentError: there is a new parent, which isn't one of `within`.
    """
    after = change(before)
    if after.parent_memory_id != before.parent_memory_id:
        check_parent(connection, after, within)
    owner, number = after.owner, _number(connection, before)
    changed = MEMORY_ROWS.changed_columns(before, after)
    if changed:
        assignments = ", ".join(f"{column} = ?" for column in changed)
        connection.execute(
            f"UPDATE memories SET {assignments} WHERE owner = ? AND number = ?",
            [*changed.values(), owner, number],
        )
    if "metadata" in changed:
        former_tags = tags_and_entities.detach(connection, number, owner)
        attach_tags_and_entities(connection, number, after)
        tags_and_entities.delete_unused(connection, owner, former_tags)
        metadata_fields.detach(connection, number, owner)
        metadata_fields.attach(connection, number, owner, after.metadata)
    if after.content != before.content:
        full_text.delete_of(connection, number, before, analyses)
        full_text.index(connection, number, owner, analyses.words(after))
        vectors.put(connection, number, owner, vector, analyses.terms(after))
    elif _INDEXED.intersection(changed):
        vectors.put_terms(connection, number, owner, analyses.terms(after))
    return after


def delete(connection: sqlite3.Connection, memory: Memory, analyses: Analyses) -> None:
    """Delete a memory, and detach its children."""
    owner, number = memory.owner, _number(connection, memory)
    full_text.delete_of(connection, number, memory, analyses)
    former_tags = tags_and_entities.detach(connection, number, owner)
    connection.execute(
        "UPDATE memories SET parent_memory_id = NULL WHERE owner = ? AND parent_memory_id = ?",
        (owner, memory.id),
    )
    connection.execute("DELETE FROM memories WHERE owner = ? AND number = ?", (owner, number))
    tags_and_entities.delete_unused(connection, owner, former_tags)
    vectors.delete(connection, number, owner)
    reembedding.delete_staged(connection, number, owner)


class Purged(NamedTuple):
    """What a purge did: whether it deleted any memory, and whether more may be left."""

    any_deleted: bool
    more_left: bool


def purge_expired(connection: sqlite3.Connection, owner: str, now: datetime) -> Purged:
    """Delete some of an owner's memories whose grace period after expiry is over.

    Stops after `PURGE_BATCH_CHARACTERS`, since the index needs the words of each memory. Leaves out
    damaged ones: a read of theirs reports the damage, and it must not fail the writes of others.
    """
    rows = connection.execute(
        f"SELECT {_LIST} FROM memories WHERE owner = ? AND expires_at < ? LIMIT ?",
        (owner, from_time(now - EXPIRED_MEMORY_GRACE), PURGE_BATCH_SIZE),
    )
    expired: list[Memory] = []
    remaining = PURGE_BATCH_CHARACTERS
    while remaining > 0 and (row := rows.fetchone()) is not None:
        with suppress(DamagedValueError):
            expired.append(MEMORY_ROWS.from_row(row))
            remaining -= len(expired[-1].content)
    rows.close()
    analyses = Analyses()
    for memory in expired:
        delete(connection, memory, analyses)
    return Purged(bool(expired), remaining <= 0 or len(expired) == PURGE_BATCH_SIZE)


def record_accesses(
    connection: sqlite3.Connection, owner: str, accesses: Mapping[str, Access]
) -> None:
    """Add to the access counts of an owner, and move the times of the last access forward."""
    connection.executemany(
        "UPDATE memories SET access_count = access_count + ?, "
        "last_accessed_at = max(coalesce(last_accessed_at, 0), ?) WHERE owner = ? AND id = ?",
        [
            (access.count, from_time(access.last_at), owner, name)
            for name, access in accesses.items()
        ],
    )


def without_vectors(
    connection: sqlite3.Connection, owner: str, count: int, unstored: Sequence[int]
) -> list[Memory]:
    """Return memories of an owner without a vector, except changes with a number in `unstored`."""
    rows = connection.execute(
        f"SELECT {_QUALIFIED_LIST} FROM vectors "
        "CROSS JOIN memories ON memories.number = vectors.number "
        "AND memories.owner = vectors.owner "
        "WHERE vectors.vector IS NULL AND vectors.deleted = 0 AND vectors.owner = ? "
        "AND vectors.change NOT IN (SELECT value FROM json_each(?)) LIMIT ?",
        (owner, to_json(unstored), count),
    )
    return [MEMORY_ROWS.from_row(row) for row in rows]


def add_vector(
    connection: sqlite3.Connection, memory: Memory, vector: bytes | None, analyses: Analyses
) -> None:
    """Store the vector of a memory, unless it has one or its content has changed."""
    row = _without_vector(connection, memory)
    if row is not None:
        vectors.put(connection, row[0], memory.owner, vector, analyses.terms(memory))


def change_without_vector(connection: sqlite3.Connection, memory: Memory) -> int | None:
    """Return the change number of a memory; None if it has a vector or its content has changed."""
    row = _without_vector(connection, memory)
    return None if row is None else row[1]


def _without_vector(connection: sqlite3.Connection, memory: Memory) -> tuple[int, int] | None:
    row: tuple[int, int] | None = connection.execute(
        "SELECT memories.number, change FROM memories "
        "JOIN vectors ON vectors.owner = memories.owner AND vectors.number = memories.number "
        "WHERE memories.owner = ? AND id = ? AND integrity_hash = ? AND vector IS NULL",
        (memory.owner, memory.id, memory.integrity_hash),
    ).fetchone()
    return row


def _number(connection: sqlite3.Connection, memory: Memory) -> int:
    row = connection.execute(
        "SELECT number FROM memories WHERE owner = ? AND id = ?", (memory.owner, memory.id)
    ).fetchone()
    number: int = row[0]
    return number


def attach_tags_and_entities(connection: sqlite3.Connection, number: int, memory: Memory) -> None:
    """Attach the tags and the entities of its metadata to a stored memory."""
    for name in tag_names(memory.metadata):
        tags_and_entities.attach_tag(connection, number, memory.owner, name, memory.updated_at)
    connection.executemany(
        "INSERT INTO memory_entities (owner, number, entity_id) VALUES (?, ?, ?)",
        [(memory.owner, number, entity_id) for entity_id in entity_ids(memory.metadata)],
    )
