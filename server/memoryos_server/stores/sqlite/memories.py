"""Memories in SQLite: rows and records. Each function works within the caller's transaction."""

# ruff: noqa: S608 - only constants of this package are put into the SQL, values are parameters

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from memoryos_server.model.metadata import entity_ids, tag_names
from memoryos_server.model.records import RankingAttributes
from memoryos_server.search.decay import DECAY_RATES_PER_HOUR
from memoryos_server.search.text_analysis import analyze_memory
from memoryos_server.stores.protocol import UnknownParentError

from . import tags_and_entities, vectors
from .columns import from_time, reading, to_json, to_time
from .conditions import condition
from .memory_rows import COLUMNS, from_row, to_row

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable, Mapping, Sequence
    from datetime import datetime

    from memoryos_server.model.records import Access, Memory, Selection

__all__ = [
    "add_vector",
    "change",
    "find",
    "insert",
    "newest",
    "numbered",
    "page",
    "purge_expired",
    "record_accesses",
    "remove",
    "standings",
    "unembedded",
]

_LIST = ", ".join(COLUMNS)
_QUALIFIED = ", ".join(f"memories.{column}" for column in COLUMNS)
_PLACES = ", ".join("?" * len(COLUMNS))
# In this order, whatever SQLite guesses: else it reads all of the owner's memories.
_BY_NUMBER = """
  json_each(?) AS wanted CROSS JOIN memories ON memories.number = wanted.value WHERE owner = ?
"""
_UNEXPIRED = "(expires_at IS NULL OR expires_at > ?)"

# A clock that jumps ahead for a moment must not cost anybody a memory.
_PURGE_GRACE = timedelta(hours=1)
_PURGED_AT_ONCE = 100


def insert(connection: sqlite3.Connection, memory: Memory, vector: bytes | None) -> None:
    """Add a memory, its tags, its references and its vector.

    Raises:
        UnknownParentError: its parent does not exist for its owner.
    """
    parent = memory.parent_memory_id
    if parent is not None and find(connection, memory.owner, parent, memory.created_at) is None:
        raise UnknownParentError(parent)
    connection.execute(f"INSERT INTO memories ({_LIST}) VALUES ({_PLACES})", to_row(memory))
    number = _number(connection, memory.id)
    _label(connection, number, memory, memory.created_at)
    vectors.put(connection, number, vector, analyze_memory(memory))


def find(
    connection: sqlite3.Connection, owner: str, memory_id: str, now: datetime
) -> Memory | None:
    """Return an unexpired memory, or None."""
    row = connection.execute(
        f"SELECT {_LIST} FROM memories WHERE id = ? AND owner = ? AND {_UNEXPIRED}",
        (memory_id, owner, from_time(now)),
    ).fetchone()
    return None if row is None else from_row(row)


def page(
    connection: sqlite3.Connection, selection: Selection, limit: int, offset: int
) -> tuple[list[Memory], int]:
    """Return some of the selected memories, newest first, and how many are selected."""
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
    return [from_row(row) for row in rows], total


def newest(connection: sqlite3.Connection, selection: Selection, count: int) -> list[int]:
    """Return the numbers of the newest selected memories."""
    where, values = condition(selection)
    rows = connection.execute(
        f"SELECT number FROM memories WHERE {where} ORDER BY created_at DESC, number DESC LIMIT ?",
        [*values, count],
    )
    return [row[0] for row in rows]


def numbered(
    connection: sqlite3.Connection, owner: str, numbers: Sequence[int]
) -> dict[int, Memory]:
    """Return memories by number."""
    rows = connection.execute(
        f"SELECT {_QUALIFIED}, number FROM {_BY_NUMBER}", (to_json(numbers), owner)
    )
    return {row[-1]: from_row(row[:-1]) for row in rows}


def standings(
    connection: sqlite3.Connection, owner: str, numbers: Sequence[int]
) -> dict[int, RankingAttributes]:
    """Return how memories stand, by number."""
    rows = connection.execute(
        "SELECT memories.id, tier, importance_score, coalesce(last_accessed_at, created_at), "
        f"number FROM {_BY_NUMBER}",
        (to_json(numbers), owner),
    )
    return {row[-1]: _standing(row) for row in rows}


def change(
    connection: sqlite3.Connection,
    before: Memory,
    make: Callable[[Memory], Memory],
    vector: bytes | None,
) -> Memory:
    """Replace the memory `before` by what `make` makes of it."""
    after = make(before)
    number = _number(connection, before.id)
    changed = _changed_columns(before, after)
    if changed:
        assignments = ", ".join(f"{column} = ?" for column in changed)
        connection.execute(
            f"UPDATE memories SET {assignments} WHERE number = ?", [*changed.values(), number]
        )
    if after.metadata != before.metadata:
        _unlabel(connection, number)
        _label(connection, number, after, after.updated_at)
    if after.content != before.content:
        vectors.put(connection, number, vector, analyze_memory(after))
    elif _is_found_otherwise(before, after):
        vectors.touch(connection, number, analyze_memory(after))
    return after


def remove(connection: sqlite3.Connection, memory_id: str) -> None:
    """Delete a memory."""
    number = _number(connection, memory_id)
    connection.execute("DELETE FROM memories WHERE number = ?", (number,))
    vectors.bury(connection, number)


def purge_expired(connection: sqlite3.Connection, now: datetime) -> None:
    """Delete some of the memories that expired a while ago."""
    rows = connection.execute(
        "SELECT id FROM memories WHERE expires_at < ? LIMIT ?",
        (from_time(now - _PURGE_GRACE), _PURGED_AT_ONCE),
    ).fetchall()
    for (memory_id,) in rows:
        remove(connection, memory_id)


def record_accesses(connection: sqlite3.Connection, accesses: Mapping[str, Access]) -> None:
    """Add to the counts, and move the times of the last access forward."""
    connection.executemany(
        "UPDATE memories SET access_count = access_count + ?, "
        "last_accessed_at = max(coalesce(last_accessed_at, 0), ?) WHERE id = ?",
        [(access.count, from_time(access.last_at), name) for name, access in accesses.items()],
    )


def unembedded(connection: sqlite3.Connection, count: int) -> list[Memory]:
    """Return memories without a vector."""
    rows = connection.execute(
        f"SELECT {_QUALIFIED} FROM vectors JOIN memories ON memories.number = vectors.number "
        "WHERE vectors.vector IS NULL AND vectors.deleted = 0 LIMIT ?",
        (count,),
    )
    return [from_row(row) for row in rows]


def add_vector(connection: sqlite3.Connection, memory: Memory, vector: bytes | None) -> None:
    """Store the vector of a memory that still has none, and the content that it was made of."""
    row = connection.execute(
        "SELECT memories.number FROM memories JOIN vectors ON vectors.number = memories.number "
        "WHERE id = ? AND integrity_hash = ? AND vector IS NULL",
        (memory.id, memory.integrity_hash),
    ).fetchone()
    if row is not None:
        vectors.put(connection, row[0], vector, analyze_memory(memory))


def _is_found_otherwise(before: Memory, after: Memory) -> bool:
    """Say whether an index in memory would have to know of a change that leaves the content."""
    return any(
        getattr(before, name) != getattr(after, name)
        for name in ("tier", "expires_at", "memory_nature", "metadata")
    )


def _number(connection: sqlite3.Connection, memory_id: str) -> int:
    row = connection.execute("SELECT number FROM memories WHERE id = ?", (memory_id,)).fetchone()
    number: int = row[0]
    return number


def _label(connection: sqlite3.Connection, number: int, memory: Memory, now: datetime) -> None:
    for name in tag_names(memory.metadata):
        tags_and_entities.attach_tag(connection, number, memory.owner, name, now)
    connection.executemany(
        "INSERT INTO memory_entities (number, entity_id) VALUES (?, ?)",
        [(number, entity_id) for entity_id in entity_ids(memory.metadata)],
    )


def _unlabel(connection: sqlite3.Connection, number: int) -> None:
    connection.execute("DELETE FROM memory_tags WHERE number = ?", (number,))
    connection.execute("DELETE FROM memory_entities WHERE number = ?", (number,))


@reading
def _standing(row: tuple[Any, ...]) -> RankingAttributes:
    if row[1] not in DECAY_RATES_PER_HOUR:
        raise ValueError("no such tier")
    return RankingAttributes(row[0], row[1], row[2], to_time(row[3]))


def _changed_columns(before: Memory, after: Memory) -> dict[str, Any]:
    """Return the columns to write: an unchanged content must not reach the text index."""
    columns = zip(COLUMNS, to_row(before), to_row(after), strict=True)
    return {name: value for name, former, value in columns if value != former}
