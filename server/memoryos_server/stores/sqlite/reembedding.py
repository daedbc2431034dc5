"""Changing the embedder of a SQLite file: see `memoryos_server.stores.reembedding`.

The new vectors fill a table of the same form, which then takes the other one's name: to copy them
would keep writers waiting. Each remembers which change of its memory it was made of, so that what
has been written since is found by numbers alone.
"""

# ruff: noqa: S608 - only constants of this package are put into the SQL, values are parameters

from __future__ import annotations

from typing import TYPE_CHECKING

from memoryos_server.model.errors import conflict
from memoryos_server.stores.reembedding import Unstaged, another_change

from .memory_rows import COLUMNS, from_row

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Sequence

    from memoryos_server.stores.reembedding import Staged

    from .database import Database

__all__ = ["SQLiteStaging"]

_LIST = ", ".join(f"memories.{column}" for column in COLUMNS)

# These are not among the migrations: they are there while an embedder is being changed, only then.
_TABLES = (
    """
    CREATE TABLE staged_vectors (
      change INTEGER PRIMARY KEY AUTOINCREMENT,
      number INTEGER NOT NULL UNIQUE,
      deleted INTEGER NOT NULL DEFAULT 0,
      vector BLOB,
      cues BLOB
    )
    """,
    "CREATE TABLE staged_changes (number INTEGER PRIMARY KEY, change INTEGER NOT NULL)",
)
_INDEXES = (
    "CREATE INDEX vectors_missing ON vectors (number) WHERE vector IS NULL AND deleted = 0",
    "CREATE INDEX vectors_deleted ON vectors (change) WHERE deleted = 1",
)

# More changes than there are before the new table takes over: its own numbers come after them.
_APART = 10**12
_DROPPED_AT_ONCE = 2000

_UNCHANGED = "staged_changes.number = vectors.number AND staged_changes.change = vectors.change"
_WITHOUT_NEW = f"""
  FROM memories JOIN vectors ON vectors.number = memories.number
  LEFT JOIN staged_changes ON {_UNCHANGED} WHERE staged_changes.number IS NULL
"""
_WITHOUT_ANY = """
  FROM memories JOIN vectors ON vectors.number = memories.number WHERE vectors.vector IS NULL
"""
_OF_THIS_CONTENT = """
  FROM vectors JOIN memories ON memories.number = vectors.number
  WHERE memories.number = ? AND memories.integrity_hash = ?
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
        self.tidy()
        with self._database.write() as connection:
            if _setting(connection, "reembedding") != embedder:
                _begin(connection, embedder)

    def stage(self, embedder: str, rows: Sequence[Staged]) -> None:
        """Keep vectors, as `Staging` says."""
        with self._database.write() as connection:
            _check(connection, embedder)
            for number, memory, vector in rows:
                content = (number, memory.integrity_hash)
                connection.execute(
                    "INSERT OR REPLACE INTO staged_vectors (number, vector, cues) "
                    f"SELECT vectors.number, ?, vectors.cues {_OF_THIS_CONTENT}",
                    (vector.astype("<f4").tobytes(), *content),
                )
                connection.execute(
                    "INSERT OR REPLACE INTO staged_changes "
                    f"SELECT vectors.number, vectors.change {_OF_THIS_CONTENT}",
                    content,
                )

    def adopt(self, embedder: str, most: int) -> bool:
        """Put the new vectors in place, as `Staging` says."""
        with self._database.write() as connection:
            _check(connection, embedder)
            if _count(connection, _WITHOUT_NEW) > most:
                return False
            is_empty = _count(connection, "FROM staged_changes") == 0
            _take_over(connection, None if is_empty else embedder)
            return True

    def clear(self) -> None:
        """Drop all vectors, as `Staging` says."""
        self.tidy()
        with self._database.write() as connection:
            _begin(connection, "")
            _take_over(connection, None)

    def tidy(self) -> None:
        """Give back what the old vectors took, as `Staging` says: a little at a time."""
        while self._is_dropping():
            pass

    def _is_dropping(self) -> bool:
        with self._database.write() as connection:
            if not _exists(connection, "replaced_vectors"):
                return False
            deleted = connection.execute(
                "DELETE FROM replaced_vectors WHERE change IN "
                "(SELECT change FROM replaced_vectors LIMIT ?)",
                (_DROPPED_AT_ONCE,),
            )
            if deleted.rowcount == 0:
                connection.execute("DROP TABLE replaced_vectors")
            return True


def _begin(connection: sqlite3.Connection, embedder: str) -> None:
    connection.execute("DROP TABLE IF EXISTS staged_vectors")
    connection.execute("DROP TABLE IF EXISTS staged_changes")
    for table in _TABLES:
        connection.execute(table)
    first = _last_change(connection) + _APART
    connection.execute(
        "INSERT INTO sqlite_sequence (name, seq) VALUES ('staged_vectors', ?)", (first,)
    )
    _set(connection, "reembedding", embedder)


def _take_over(connection: sqlite3.Connection, embedder: str | None) -> None:
    """Give the new table the old one's name; who has read the old one is to read all anew."""
    connection.execute(
        "DELETE FROM staged_vectors WHERE number IN (SELECT staged_changes.number "
        f"FROM staged_changes LEFT JOIN vectors ON {_UNCHANGED} WHERE vectors.number IS NULL)"
    )
    connection.execute(
        "INSERT INTO staged_vectors (number, cues) SELECT vectors.number, vectors.cues "
        f"{_WITHOUT_NEW} ORDER BY vectors.number"
    )
    _set(connection, "forgotten", _last_change(connection) + 1)
    for index in ("vectors_missing", "vectors_deleted"):
        connection.execute(f"DROP INDEX {index}")
    connection.execute("ALTER TABLE vectors RENAME TO replaced_vectors")
    connection.execute("ALTER TABLE staged_vectors RENAME TO vectors")
    for index in _INDEXES:
        connection.execute(index)
    connection.execute("DROP TABLE staged_changes")
    connection.execute("DELETE FROM settings WHERE name IN ('reembedding', 'embedder')")
    if embedder is not None:
        _set(connection, "embedder", embedder)


def _last_change(connection: sqlite3.Connection) -> int:
    row = connection.execute("SELECT seq FROM sqlite_sequence WHERE name = 'vectors'").fetchone()
    return 0 if row is None else int(row[0])


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


def _exists(connection: sqlite3.Connection, table: str) -> bool:
    found = connection.execute("SELECT 1 FROM sqlite_master WHERE name = ?", (table,)).fetchone()
    return found is not None


def _setting(connection: sqlite3.Connection, name: str) -> str | None:
    row = connection.execute("SELECT value FROM settings WHERE name = ?", (name,)).fetchone()
    return None if row is None else str(row[0])


def _set(connection: sqlite3.Connection, name: str, value: str | int) -> None:
    connection.execute("INSERT OR REPLACE INTO settings VALUES (?, ?)", (name, value))
