"""Vectors and search terms in SQLite, and their changes.

Every write gives its row the next change number. A reader remembers the last number that it has
read of an owner, and reads only the owner's rows after it, whichever process wrote them.
"""

# ruff: noqa: S608 - only constants of this package are put into the SQL, values are parameters

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from memoryos_server.search.conversation_ids import NO_CONVERSATION
from memoryos_server.search.index.entry import NEVER, Entry
from memoryos_server.search.text_analysis import analyze_memory, parse_analysis
from memoryos_server.stores.reembedding import embedder_mismatch_message
from memoryos_server.stores.row_mapper import DamagedValueError

from .error_translation import StoreUnusableError
from .memory_rows import MEMORY_ROWS

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterator, Mapping

__all__ = [
    "ChangeBatch",
    "changes_since",
    "check_embedder",
    "count_memories",
    "delete",
    "has_changed",
    "has_lost_deletions",
    "insert",
    "put",
    "put_terms",
    "replace_terms",
    "stored_embedder",
]

MAX_TOMBSTONES = 1000
"""How many deletions of an owner are kept. A reader that has missed as many rebuilds its index."""

_ROWS_PER_BATCH = 4096


class ChangeBatch(NamedTuple):
    """Consecutive changes.

    Attributes:
        last: the number of the last change.
        stored: the index entries of memories that have a vector.
        deleted: the numbers of memories that have none, or are deleted.
    """

    last: int
    stored: list[Entry]
    deleted: list[int]


def check_embedder(connection: sqlite3.Connection, embedder: str, *, writes: bool = False) -> None:
    """Check that the stored vectors are from `embedder`.

    Args:
        connection: a connection in a transaction.
        embedder: the name of the embedder that is about to use the vectors.
        writes: whether it is about to write vectors; an empty store then records its name.

    Raises:
        StoreUnusableError: the vectors are from another embedder.
    """
    stored = stored_embedder(connection)
    if stored is None:
        if writes:
            connection.execute("INSERT INTO settings VALUES ('embedder', ?)", (embedder,))
    elif stored != embedder:
        raise StoreUnusableError(embedder_mismatch_message("This database", stored, embedder))


def stored_embedder(connection: sqlite3.Connection) -> str | None:
    """Return the name of the embedder that the stored vectors are from, or None without vectors."""
    row = connection.execute("SELECT value FROM settings WHERE name = 'embedder'").fetchone()
    return None if row is None else row[0]


def insert(
    connection: sqlite3.Connection, number: int, owner: str, vector: bytes | None, terms: bytes
) -> None:
    """Store the vector of a new memory, or None if it has none yet, and its search terms."""
    connection.execute(
        "INSERT INTO vectors (owner, number, vector, cues) VALUES (?, ?, ?, ?)",
        (owner, number, vector, terms),
    )


def put(
    connection: sqlite3.Connection, number: int, owner: str, vector: bytes | None, terms: bytes
) -> None:
    """Store the vector and the search terms of a memory in place of those it has."""
    _delete(connection, number, owner)
    insert(connection, number, owner, vector, terms)


def put_terms(connection: sqlite3.Connection, number: int, owner: str, terms: bytes) -> None:
    """Store the search terms of a memory and keep its vector; readers see a new change."""
    row = connection.execute(
        "SELECT vector FROM vectors WHERE owner = ? AND number = ?", (owner, number)
    ).fetchone()
    put(connection, number, owner, row[0], terms)


def replace_terms(connection: sqlite3.Connection, number: int, owner: str, terms: bytes) -> None:
    """Store the search terms of a memory anew, as readers have derived them for themselves."""
    for table in ("vectors", "staged_vectors"):
        connection.execute(
            f"UPDATE {table} SET cues = ? WHERE owner = ? AND number = ? AND deleted = 0",
            (terms, owner, number),
        )


def delete(connection: sqlite3.Connection, number: int, owner: str) -> None:
    """Replace the vector of a memory with a tombstone, and remove the owner's oldest tombstone."""
    _delete(connection, number, owner)
    connection.execute(
        "INSERT INTO vectors (owner, number, deleted) VALUES (?, ?, 1)", (owner, number)
    )
    connection.execute(
        "DELETE FROM vectors WHERE owner = ? AND deleted = 1 AND change <= "
        "(SELECT change FROM vectors WHERE owner = ? AND deleted = 1 "
        "ORDER BY change DESC LIMIT 1 OFFSET ?)",
        (owner, owner, MAX_TOMBSTONES),
    )


def _delete(connection: sqlite3.Connection, number: int, owner: str) -> None:
    connection.execute("DELETE FROM vectors WHERE owner = ? AND number = ?", (owner, number))


def has_changed(connection: sqlite3.Connection, owner: str, last: int) -> bool:
    """Return whether an owner has changes after the change number `last`."""
    (newest,) = connection.execute(
        "SELECT max(change) FROM vectors WHERE owner = ?", (owner,)
    ).fetchone()
    return newest is not None and newest > last


def has_lost_deletions(connection: sqlite3.Connection, owner: str, last: int) -> bool:
    """Return whether tombstones of an owner after the change `last` may have been removed."""
    row = connection.execute("SELECT value FROM settings WHERE name = 'forgotten'").fetchone()
    if row is not None and last < row[0]:
        return True  # all vectors were replaced
    oldest_kept = connection.execute(
        "SELECT change FROM vectors WHERE owner = ? AND deleted = 1 "
        "ORDER BY change DESC LIMIT 1 OFFSET ?",
        (owner, MAX_TOMBSTONES - 1),
    ).fetchone()
    return oldest_kept is not None and last < oldest_kept[0]


def count_memories(connection: sqlite3.Connection, owner: str) -> int:
    """Return the number of memories of an owner."""
    row = connection.execute("SELECT count(*) FROM memories WHERE owner = ?", (owner,)).fetchone()
    count: int = row[0]
    return count


def changes_since(
    connection: sqlite3.Connection, owner: str, last: int, unstored: Mapping[int, bytes]
) -> Iterator[ChangeBatch]:
    """Yield the changes of an owner after the change number `last`, in batches.

    Args:
        connection: a connection in a transaction.
        owner: the owner.
        last: the number of the last change that the caller has read.
        unstored: the vectors, by change number, of memories that have none in the database.
    """
    cursor = connection.execute(
        "SELECT vectors.change, vectors.number, vector, cues, "
        "tier, content_type, memory_nature, created_at, expires_at "
        "FROM vectors LEFT JOIN memories "
        "ON memories.owner = vectors.owner AND memories.number = vectors.number "
        "WHERE vectors.owner = ? AND vectors.change > ? ORDER BY vectors.change",
        (owner, last),
    )
    while rows := cursor.fetchmany(_ROWS_PER_BATCH):
        if unstored:
            rows = [(*row[:2], row[2] or unstored.get(row[0]), *row[3:]) for row in rows]
        stored = [_entry(connection, owner, row) for row in rows if row[2] is not None]
        deleted = [row[1] for row in rows if row[2] is None]
        yield ChangeBatch(rows[-1][0], stored, deleted)


def _entry(connection: sqlite3.Connection, owner: str, row: tuple[Any, ...]) -> Entry:
    _, number, vector, stored, tier, content_type, nature, created_at, expires_at = row
    try:
        conversation, terms = (stored and parse_analysis(stored)) or _recompute_terms(
            connection, owner, number
        )
    except (TypeError, ValueError) as error:
        raise DamagedValueError from error
    expiry = NEVER if expires_at is None else expires_at
    facets = (tier, content_type, nature)
    return Entry(number, facets, created_at, expiry, vector, conversation, terms)


def _recompute_terms(connection: sqlite3.Connection, owner: str, number: int) -> tuple[int, bytes]:
    """Return the conversation and the terms of a memory that an older program stored."""
    row = connection.execute(
        f"SELECT {MEMORY_ROWS.column_list} FROM memories WHERE owner = ? AND number = ?",
        (owner, number),
    ).fetchone()
    return parse_analysis(analyze_memory(MEMORY_ROWS.from_row(row))) or (NO_CONVERSATION, b"")
