"""Replacement of the embedder in SQLite.

The new vectors go into a table of the same structure, which is then renamed: copying them would
block writers for long. Each new vector records the change number of its memory, so that later
writes of the memory are found by comparing numbers.
"""

# ruff: noqa: S608 - only constants of this package are put into the SQL, values are parameters

from __future__ import annotations

from typing import TYPE_CHECKING

from memoryos_server.model.errors import conflict
from memoryos_server.stores.reembedding import PendingMemory, superseded_message

from .memory_rows import MEMORY_ROWS
from .owners import count_by_owner
from .schema import STAGING, VECTOR_INDEXES

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Sequence

    from memoryos_server.stores.reembedding import ReembeddedMemory

    from .database import Database

__all__ = ["SQLiteReembeddingStore", "delete_staged"]

_LIST = MEMORY_ROWS.qualified_column_list("memories")

# The change numbers of the new table start this far after those of the old one, which goes on
# counting until the new table replaces it.
_CHANGE_NUMBER_GAP = 10**12
# A short transaction deletes so many replaced vectors, so that writers don't wait for long.
_DELETE_BATCH_SIZE = 2000

_OF_MEMORIES = (
    "JOIN memories ON memories.owner = vectors.owner AND memories.number = vectors.number"
)
_UNCHANGED = (
    "staged_changes.owner = vectors.owner AND staged_changes.number = vectors.number "
    "AND staged_changes.change = vectors.change"
)
_WITHOUT_NEW_VECTOR = f"""
  FROM vectors {_OF_MEMORIES} LEFT JOIN staged_changes ON {_UNCHANGED}
  WHERE vectors.owner = ? AND staged_changes.number IS NULL
"""
_WITHOUT_VECTOR = f"""
  FROM vectors {_OF_MEMORIES} WHERE vectors.owner = ? AND vectors.vector IS NULL
"""
_WITH_THIS_CONTENT = f"""
  FROM vectors {_OF_MEMORIES}
  WHERE vectors.owner = ? AND vectors.number = ? AND memories.integrity_hash = ?
"""


_STAGED = "FROM staged_changes WHERE owner = ?"


class SQLiteReembeddingStore:
    """The `ReembeddingStore` of a SQLite database.

    Args:
        database: the database.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    def embedder_name(self) -> str | None:
        """Implement `ReembeddingStore.embedder_name`."""
        with self._database.read() as connection:
            return _setting(connection, "embedder")

    def owners(self) -> dict[str, int]:
        """Implement `ReembeddingStore.owners`."""
        with self._database.read() as connection:
            return count_by_owner(connection)

    def list_pending(
        self, embedder: str, owner: str, after: int, count: int
    ) -> list[PendingMemory]:
        """Implement `ReembeddingStore.list_pending`."""
        with self._database.read() as connection:
            rows = connection.execute(
                f"SELECT {_LIST}, memories.number {_pending_source(connection, embedder)} "
                "AND memories.number > ? ORDER BY memories.number LIMIT ?",
                (owner, after, count),
            )
            return [PendingMemory(row[-1], MEMORY_ROWS.from_row(row[:-1])) for row in rows]

    def begin(self, embedder: str) -> None:
        """Implement `ReembeddingStore.begin`."""
        self.clean_up()
        with self._database.write() as connection:
            if _setting(connection, "reembedding") != embedder:
                _begin(connection, embedder)

    def add_vectors(self, embedder: str, memories: Sequence[ReembeddedMemory]) -> None:
        """Implement `ReembeddingStore.add_vectors`."""
        with self._database.write() as connection:
            _check_is_current(connection, embedder)
            for number, memory, vector in memories:
                content = (memory.owner, number, memory.integrity_hash)
                connection.execute(
                    "INSERT OR REPLACE INTO staged_vectors (owner, number, vector, cues) "
                    f"SELECT vectors.owner, vectors.number, ?, vectors.cues {_WITH_THIS_CONTENT}",
                    (vector.astype("<f4").tobytes(), *content),
                )
                connection.execute(
                    "INSERT OR REPLACE INTO staged_changes (owner, number, change) "
                    f"SELECT vectors.owner, vectors.number, vectors.change {_WITH_THIS_CONTENT}",
                    content,
                )

    def complete(self, embedder: str, max_missing: int) -> bool:
        """Implement `ReembeddingStore.complete`."""
        with self._database.write() as connection:
            _check_is_current(connection, embedder)
            names = count_by_owner(connection)
            missing = sum(_count(connection, _WITHOUT_NEW_VECTOR, owner) for owner in names)
            if missing > max_missing:
                return False
            is_empty = not any(_count(connection, _STAGED, owner) for owner in names)
            _replace_vectors(connection, None if is_empty else embedder)
            return True

    def delete_vectors(self) -> None:
        """Implement `ReembeddingStore.delete_vectors`."""
        self.clean_up()
        with self._database.write() as connection:
            _begin(connection, "")
            _replace_vectors(connection, None)

    def clean_up(self) -> None:
        """Implement `ReembeddingStore.clean_up`, in short transactions."""
        while self._delete_replaced_vectors():
            pass

    def _delete_replaced_vectors(self) -> bool:
        """Delete some replaced vectors. Return whether there may be more."""
        with self._database.write() as connection:
            if not _is_being_deleted(connection):
                return False
            for owner in count_by_owner(connection):
                deleted = connection.execute(
                    "DELETE FROM replaced_vectors WHERE owner = ? AND change IN "
                    "(SELECT change FROM replaced_vectors WHERE owner = ? LIMIT ?)",
                    (owner, owner, _DELETE_BATCH_SIZE),
                )
                if deleted.rowcount > 0:
                    return True
            connection.execute("DROP TABLE replaced_vectors")
            return False


def delete_staged(connection: sqlite3.Connection, number: int, owner: str) -> None:
    """Delete what a replacement of the embedder keeps of a memory that is being deleted."""
    tables = ["staged_vectors", "staged_changes"]
    if _is_being_deleted(connection):
        tables.append("replaced_vectors")
    for table in tables:
        connection.execute(f"DELETE FROM {table} WHERE owner = ? AND number = ?", (owner, number))


def _begin(connection: sqlite3.Connection, embedder: str) -> None:
    connection.execute("DROP TABLE staged_vectors")
    connection.execute("DROP TABLE staged_changes")
    for table in STAGING:
        connection.execute(table)
    first = _last_change(connection) + _CHANGE_NUMBER_GAP
    connection.execute(
        "INSERT INTO sqlite_sequence (name, seq) VALUES ('staged_vectors', ?)", (first,)
    )
    _set(connection, "reembedding", embedder)


def _replace_vectors(connection: sqlite3.Connection, embedder: str | None) -> None:
    """Rename the new table to `vectors`, and make every reader rebuild its index."""
    for owner in count_by_owner(connection):
        _complete_staged(connection, owner)
    _set(connection, "forgotten", _last_change(connection) + 1)
    for index in VECTOR_INDEXES:
        connection.execute(f"DROP INDEX {index}")
    connection.execute("ALTER TABLE vectors RENAME TO replaced_vectors")
    connection.execute("ALTER TABLE staged_vectors RENAME TO vectors")
    connection.execute("DROP TABLE staged_changes")
    for statement in (*VECTOR_INDEXES.values(), *STAGING):
        connection.execute(statement)
    connection.execute("DELETE FROM settings WHERE name IN ('reembedding', 'embedder')")
    if embedder is not None:
        _set(connection, "embedder", embedder)


def _complete_staged(connection: sqlite3.Connection, owner: str) -> None:
    """Leave an owner's memories the new vectors of their present contents; the others get none."""
    connection.execute(
        "DELETE FROM staged_vectors WHERE owner = ? AND number IN (SELECT staged_changes.number "
        f"FROM staged_changes LEFT JOIN vectors ON {_UNCHANGED} "
        "WHERE staged_changes.owner = ? AND vectors.number IS NULL)",
        (owner, owner),
    )
    connection.execute(
        "INSERT INTO staged_vectors (owner, number, cues) "
        f"SELECT vectors.owner, vectors.number, vectors.cues {_WITHOUT_NEW_VECTOR} "
        "ORDER BY vectors.number",
        (owner,),
    )


def _last_change(connection: sqlite3.Connection) -> int:
    row = connection.execute("SELECT seq FROM sqlite_sequence WHERE name = 'vectors'").fetchone()
    return 0 if row is None else int(row[0])


def _pending_source(connection: sqlite3.Connection, embedder: str) -> str:
    """Return the FROM clause that selects the memories that need a vector of `embedder`."""
    if _setting(connection, "embedder") == embedder:
        return _WITHOUT_VECTOR
    if _setting(connection, "reembedding") == embedder:
        return _WITHOUT_NEW_VECTOR
    return "FROM memories WHERE owner = ?"


def _check_is_current(connection: sqlite3.Connection, embedder: str) -> None:
    if _setting(connection, "reembedding") != embedder:
        raise conflict(superseded_message(embedder))


def _count(connection: sqlite3.Connection, source: str, owner: str) -> int:
    count: int = connection.execute(f"SELECT count(*) {source}", (owner,)).fetchone()[0]
    return count


def _is_being_deleted(connection: sqlite3.Connection) -> bool:
    """Return whether there are replaced vectors, which are deleted little by little."""
    found = connection.execute(
        "SELECT 1 FROM sqlite_master WHERE name = 'replaced_vectors'"
    ).fetchone()
    return found is not None


def _setting(connection: sqlite3.Connection, name: str) -> str | None:
    row = connection.execute("SELECT value FROM settings WHERE name = ?", (name,)).fetchone()
    return None if row is None else str(row[0])


def _set(connection: sqlite3.Connection, name: str, value: str | int) -> None:
    connection.execute("INSERT OR REPLACE INTO settings VALUES (?, ?)", (name, value))
