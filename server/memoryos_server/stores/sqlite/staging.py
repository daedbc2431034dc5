"""Changing the embedder of a SQLite file: see `memoryos_server.stores.staging`."""

# ruff: noqa: S608 - only constants of this package are put into the SQL, values are parameters
from __future__ import annotations

from typing import TYPE_CHECKING

from memoryos_server.errors import conflict
from memoryos_server.stores.staging import Unstaged, another_change

from .memory_rows import COLUMNS, from_row

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Sequence

    from memoryos_server.stores.staging import Staged

    from .database import Database

__all__ = ["SQLiteStaging"]

_LIST = ", ".join(f"memories.{column}" for column in COLUMNS)

# Not among the migrations: it is there while an embedder is being changed, and only then.
_TABLE = """
  CREATE TABLE IF NOT EXISTS staged_vectors (
    number INTEGER PRIMARY KEY,
    integrity_hash TEXT NOT NULL,
    vector BLOB NOT NULL
  )
"""
_FITTING = """
  staged_vectors ON staged_vectors.number = memories.number
  AND staged_vectors.integrity_hash = memories.integrity_hash
"""
_WITHOUT_NEW = f"FROM memories LEFT JOIN {_FITTING} WHERE staged_vectors.number IS NULL"
_WITHOUT_ANY = """
  FROM memories JOIN vectors ON vectors.number = memories.number WHERE vectors.vector IS NULL
"""


class SQLiteStaging:
    """The `Staging` of a SQLite file.

    Args:
        database: the file.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    def filled_by(self) -> str | None:
        """Return an embedder's name, as `Staging` says."""
        with self._database.read() as connection:
            return _setting(connection, "embedder")

    def total(self) -> int:
        """Count memories, as `Staging` says."""
        with self._database.read() as connection:
            return _count(connection, "FROM memories")

    def waiting(self, embedder: str, after: int, count: int) -> list[Unstaged]:
        """Return memories, as `Staging` says."""
        with self._database.read() as connection:
            rows = connection.execute(
                f"SELECT {_LIST}, memories.number {_waiting(connection, embedder)} "
                "AND memories.number > ? ORDER BY memories.number LIMIT ?",
                (after, count),
            )
            return [Unstaged(row[-1], from_row(row[:-1])) for row in rows]

    def begin(self, embedder: str) -> None:
        """Begin or go on, as `Staging` says."""
        with self._database.write() as connection:
            if _setting(connection, "reembedding") != embedder:
                connection.execute("DROP TABLE IF EXISTS staged_vectors")
            connection.execute(_TABLE)
            _set(connection, "reembedding", embedder)

    def stage(self, embedder: str, rows: Sequence[Staged]) -> None:
        """Keep vectors, as `Staging` says."""
        with self._database.write() as connection:
            _check(connection, embedder)
            connection.executemany(
                "INSERT OR REPLACE INTO staged_vectors SELECT number, integrity_hash, ? "
                "FROM memories WHERE number = ? AND integrity_hash = ?",
                [
                    (row.vector.astype("<f4").tobytes(), row.number, row.memory.integrity_hash)
                    for row in rows
                ],
            )

    def adopt(self, embedder: str, most: int) -> bool:
        """Put the new vectors in place, as `Staging` says."""
        with self._database.write() as connection:
            _check(connection, embedder)
            if _count(connection, _WITHOUT_NEW) > most:
                return False
            is_empty = _count(connection, "FROM staged_vectors") == 0
            _replace_vectors(connection)
            _finish(connection, None if is_empty else embedder)
            return True

    def clear(self) -> None:
        """Drop all vectors, as `Staging` says."""
        with self._database.write() as connection:
            connection.execute("DROP TABLE IF EXISTS staged_vectors")
            connection.execute(_TABLE)
            _replace_vectors(connection)
            _finish(connection, None)


def _replace_vectors(connection: sqlite3.Connection) -> None:
    """Write all rows anew, so that each has a new change number and no reader misses one."""
    connection.execute(
        "CREATE TEMP TABLE kept AS SELECT number, cues FROM vectors WHERE deleted = 0"
    )
    connection.execute("DELETE FROM vectors WHERE deleted = 0")
    connection.execute(
        "INSERT INTO vectors (number, vector, cues) "
        "SELECT kept.number, staged_vectors.vector, kept.cues "
        "FROM kept JOIN memories ON memories.number = kept.number "
        f"LEFT JOIN {_FITTING} ORDER BY kept.number"
    )
    connection.execute("DROP TABLE temp.kept")


def _finish(connection: sqlite3.Connection, embedder: str | None) -> None:
    connection.execute("DROP TABLE staged_vectors")
    connection.execute("DELETE FROM settings WHERE name IN ('reembedding', 'embedder')")
    if embedder is not None:
        _set(connection, "embedder", embedder)


def _waiting(connection: sqlite3.Connection, embedder: str) -> str:
    """Return from where to select what still needs a vector."""
    if _setting(connection, "embedder") == embedder:
        return _WITHOUT_ANY
    if _setting(connection, "reembedding") == embedder:
        return _WITHOUT_NEW
    return "FROM memories WHERE true"


def _check(connection: sqlite3.Connection, embedder: str) -> None:
    if _setting(connection, "reembedding") != embedder:
        raise conflict(another_change(embedder))


def _count(connection: sqlite3.Connection, source: str) -> int:
    count: int = connection.execute(f"SELECT count(*) {source}").fetchone()[0]
    return count


def _setting(connection: sqlite3.Connection, name: str) -> str | None:
    row = connection.execute("SELECT value FROM settings WHERE name = ?", (name,)).fetchone()
    return None if row is None else str(row[0])


def _set(connection: sqlite3.Connection, name: str, value: str) -> None:
    connection.execute("INSERT OR REPLACE INTO settings VALUES (?, ?)", (name, value))
