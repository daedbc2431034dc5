"""Vectors and cues in SQLite: which embedder made them, and what has changed since a number.

Every write gives its row the next change number. A reader that remembers the last one it saw
reads only what came after, whoever wrote it.
"""

# ruff: noqa: S608 - only constants of this package are put into the SQL, values are parameters

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from memoryos_server.search.index.entry import NEVER, Entry
from memoryos_server.search.text_analysis import NO_CONVERSATION, analyze_memory, parse_analysis
from memoryos_server.stores.reembedding import mixed

from .columns import DamagedValueError
from .error_translation import StoreUnusableError
from .memory_rows import COLUMNS, from_row

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterator

__all__ = ["Changes", "bury", "changes", "check_embedder", "counts", "is_current", "put", "touch"]

KEPT_TOMBSTONES = 10_000
"""How many deletions are remembered; a reader that missed more of them reads everything anew."""

_BATCH = 4096


class Changes(NamedTuple):
    """Some changes in their order; `last` is the number of the last one."""

    last: int
    stored: list[Entry]
    gone: list[int]


def check_embedder(connection: sqlite3.Connection, embedder: str, *, claim: bool = False) -> None:
    """Refuse to go on with vectors that another embedder made.

    Args:
        connection: where the vectors are.
        embedder: the name of the one that wants to use them.
        claim: whether vectors are about to be written, so that they are this embedder's from now.

    Raises:
        StoreUnusableError: another embedder made them.
    """
    row = connection.execute("SELECT value FROM settings WHERE name = 'embedder'").fetchone()
    if row is None:
        if claim:
            connection.execute("INSERT INTO settings VALUES ('embedder', ?)", (embedder,))
    elif row[0] != embedder:
        raise StoreUnusableError(mixed("This database", row[0], embedder))


def put(connection: sqlite3.Connection, number: int, vector: bytes | None, found_by: bytes) -> None:
    """Store the vector of a memory, or that it has none yet, and its cues."""
    connection.execute("DELETE FROM vectors WHERE number = ?", (number,))
    connection.execute(
        "INSERT INTO vectors (number, vector, cues) VALUES (?, ?, ?)", (number, vector, found_by)
    )


def touch(connection: sqlite3.Connection, number: int, found_by: bytes) -> None:
    """Have readers look again at a memory whose vector stays."""
    row = connection.execute("SELECT vector FROM vectors WHERE number = ?", (number,)).fetchone()
    put(connection, number, row[0], found_by)


def bury(connection: sqlite3.Connection, number: int) -> None:
    """Remember that a memory is gone, and forget the oldest such deletions."""
    connection.execute("DELETE FROM vectors WHERE number = ?", (number,))
    connection.execute("INSERT INTO vectors (number, deleted) VALUES (?, 1)", (number,))
    row = connection.execute(
        "SELECT change FROM vectors WHERE deleted = 1 ORDER BY change DESC LIMIT 1 OFFSET ?",
        (KEPT_TOMBSTONES,),
    ).fetchone()
    if row is not None:
        connection.execute("DELETE FROM vectors WHERE deleted = 1 AND change <= ?", row)
        connection.execute("INSERT OR REPLACE INTO settings VALUES ('forgotten', ?)", row)


def is_current(connection: sqlite3.Connection, last: int) -> bool:
    """Say whether nothing has changed after the change number `last`."""
    newest = connection.execute("SELECT max(change) FROM vectors").fetchone()[0]
    return newest is None or newest <= last


def is_forgotten(connection: sqlite3.Connection, last: int) -> bool:
    """Say whether deletions after the change number `last` are no longer remembered."""
    row = connection.execute("SELECT value FROM settings WHERE name = 'forgotten'").fetchone()
    return row is not None and last < row[0]


def counts(connection: sqlite3.Connection) -> dict[str, int]:
    """Return how many memories each owner has."""
    return dict(connection.execute("SELECT owner, count(*) FROM memories GROUP BY owner"))


def changes(connection: sqlite3.Connection, last: int) -> Iterator[Changes]:
    """Yield what has changed after the change number `last`, in batches."""
    cursor = connection.execute(
        "SELECT vectors.change, vectors.number, vector, cues, owner, "
        "tier, content_type, memory_nature, created_at, expires_at "
        "FROM vectors LEFT JOIN memories ON memories.number = vectors.number "
        "WHERE vectors.change > ? ORDER BY vectors.change",
        (last,),
    )
    while rows := cursor.fetchmany(_BATCH):
        stored = [_entry(connection, row) for row in rows if row[2] is not None]
        gone = [row[1] for row in rows if row[2] is None]
        yield Changes(rows[-1][0], stored, gone)


def _entry(connection: sqlite3.Connection, row: tuple[Any, ...]) -> Entry:
    _, number, vector, stored, owner, tier, content_type, nature, created_at, expires_at = row
    try:
        thread, terms = (stored and parse_analysis(stored)) or _made_anew(connection, number)
    except (TypeError, ValueError) as error:
        raise DamagedValueError from error
    expiry = NEVER if expires_at is None else expires_at
    facets = (tier, content_type, nature)
    return Entry(number, owner, facets, created_at, expiry, vector, thread, terms)


def _made_anew(connection: sqlite3.Connection, number: int) -> tuple[int, bytes]:
    """Return the cues of a memory that an older program stored."""
    row = connection.execute(
        f"SELECT {', '.join(COLUMNS)} FROM memories WHERE number = ?", (number,)
    ).fetchone()
    made = parse_analysis(analyze_memory(from_row(row)))
    return made or (NO_CONVERSATION, b"")
