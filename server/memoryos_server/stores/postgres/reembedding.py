"""Replacement of the embedder in PostgreSQL.

The new vectors go into a table with its own indexes, which then replaces the old table. An
exclusive lock on the settings waits for all searches and writes before the replacement, and makes
later ones wait; these then read the name of the new embedder.
"""

# ruff: noqa: S608 - only constants of this package are put into the SQL, values are parameters

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from psycopg.errors import LockNotAvailable

from memoryos_server.model.errors import conflict, unavailable
from memoryos_server.stores.analyses import Analyses
from memoryos_server.stores.reembedding import PendingMemory, superseded_message

from . import vector_setup, vectors
from .locks import EXCLUSIVE_LOCKS, SCHEMA_LOCK
from .memory_rows import MEMORY_ROWS
from .owners import count_by_owner
from .session_settings import NO_TIMEOUT
from .vector_index import is_large

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from psycopg import Connection

    from memoryos_server.stores.reembedding import ReembeddedMemory

    from .database import Database

__all__ = ["PostgresReembeddingStore"]

_LIST = MEMORY_ROWS.qualified_column_list("memories")

_ADD_MEMORY_VERSION = """
  ALTER TABLE memoryos.staged ADD COLUMN IF NOT EXISTS integrity_hash text,
  ADD COLUMN IF NOT EXISTS updated_at timestamptz
"""
# The columns beside a vector depend on more than the content, hence `updated_at`.
_IS_CURRENT = """
  staged.owner = memories.owner AND staged.number = memories.number
  AND staged.integrity_hash = memories.integrity_hash AND staged.updated_at = memories.updated_at
"""
_WITHOUT_NEW_VECTOR = f"NOT EXISTS (SELECT 1 FROM memoryos.staged WHERE {_IS_CURRENT})"
_WITHOUT_VECTOR = "NOT embedded"
_ALL = "true"

_PUT = f"""
  INSERT INTO memoryos.staged ({vectors.COLUMNS}, integrity_hash, updated_at)
  SELECT %s, %s, %s, %s, %s, %s, %s::vector, %s, integrity_hash, updated_at FROM memoryos.memories
  WHERE owner = %s AND number = %s AND integrity_hash = %s AND updated_at = %s
  ON CONFLICT (owner, number) DO UPDATE SET expires_at = excluded.expires_at,
  thread = excluded.thread, terms = excluded.terms, vector = excluded.vector,
  integrity_hash = excluded.integrity_hash, updated_at = excluded.updated_at
"""
_DELETE_OUTDATED = f"""
  DELETE FROM memoryos.staged WHERE owner = %s
  AND NOT EXISTS (SELECT 1 FROM memoryos.memories WHERE {_IS_CURRENT})
"""
_UPDATE_EMBEDDED = """
  UPDATE memoryos.memories SET embedded = NOT embedded
  WHERE owner = %s AND embedded <> EXISTS (
    SELECT 1 FROM memoryos.vectors
    WHERE vectors.owner = memories.owner AND vectors.number = memories.number
  )
"""

# A long search or a backup delays the replacement. Each attempt is short, because later requests
# queue behind the waiting lock.
_SET_LOCK_TIMEOUT = "SET LOCAL lock_timeout = '2s'"
_MAX_LOCK_ATTEMPTS = 30
_LOCK_RETRY_DELAY_SECONDS = 1.0


class PostgresReembeddingStore:
    """The `ReembeddingStore` of a PostgreSQL database.

    Args:
        database: the database.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    def embedder_name(self) -> str | None:
        """Implement `ReembeddingStore.embedder_name`."""
        return self._database.query(
            lambda connection: _setting(connection, "embedder"), timeout_seconds=NO_TIMEOUT
        )

    def owners(self) -> dict[str, int]:
        """Implement `ReembeddingStore.owners`."""
        return self._database.query(count_by_owner, timeout_seconds=NO_TIMEOUT)

    def list_pending(
        self, embedder: str, owner: str, after: int, count: int
    ) -> list[PendingMemory]:
        """Implement `ReembeddingStore.list_pending`."""

        def select(connection: Connection[tuple[Any, ...]]) -> list[PendingMemory]:
            rows = connection.execute(
                f"SELECT {_LIST}, memories.number FROM memoryos.memories WHERE memories.owner = %s "
                f"AND {_pending(connection, embedder)} "
                "AND memories.number > %s ORDER BY memories.number LIMIT %s",
                (owner, after, count),
            )
            return [PendingMemory(row[-1], MEMORY_ROWS.from_row(row[:-1])) for row in rows]

        return self._database.query(select, timeout_seconds=NO_TIMEOUT)

    def begin(self, embedder: str) -> None:
        """Implement `ReembeddingStore.begin`."""

        def begin(connection: Connection[tuple[Any, ...]]) -> None:
            connection.execute(SCHEMA_LOCK)
            if _setting(connection, "reembedding") != embedder:
                connection.execute("DROP TABLE IF EXISTS memoryos.staged")
                _set(connection, "reembedding", embedder)

        self._database.write(begin, timeout_seconds=NO_TIMEOUT)

    def add_vectors(self, embedder: str, memories: Sequence[ReembeddedMemory]) -> None:
        """Implement `ReembeddingStore.add_vectors`."""
        analyses = Analyses()
        for item in memories:
            analyses.terms(item.memory)

        def add(connection: Connection[tuple[Any, ...]]) -> None:
            _check_is_current(connection, embedder)
            if not _exists(connection, "staged"):
                self._create_table(connection, len(memories[0].vector))
            owners = {item.memory.owner for item in memories}
            large = {owner for owner in owners if is_large(connection, owner)}
            for number, memory, vector in sorted(memories, key=lambda item: item.number):
                version = (memory.owner, number, memory.integrity_hash, memory.updated_at)
                terms, is_indexed = analyses.terms(memory), memory.owner in large
                row = vectors.to_row(number, memory, vector, terms, is_indexed=is_indexed)
                connection.execute(_PUT, (*row, *version))

        if memories:
            self._database.write(add, timeout_seconds=NO_TIMEOUT, is_pipelined=False)

    def complete(self, embedder: str, max_missing: int) -> bool:
        """Implement `ReembeddingStore.complete`."""

        def complete(connection: Connection[tuple[Any, ...]]) -> bool:
            _lock_all(connection)
            _check_is_current(connection, embedder)
            if not _exists(connection, "staged"):
                if sum(count_by_owner(connection).values()) > max_missing:
                    return False
                _delete_vectors(connection)
                return True
            if _count(connection, _WITHOUT_NEW_VECTOR) > max_missing:
                return False
            _replace_table(connection, embedder)
            return True

        return self._write_exclusively(complete)

    def delete_vectors(self) -> None:
        """Implement `ReembeddingStore.delete_vectors`."""

        def delete(connection: Connection[tuple[Any, ...]]) -> bool:
            _lock_all(connection)
            _delete_vectors(connection)
            return True

        self._write_exclusively(delete)

    def clean_up(self) -> None:
        """Do nothing: PostgreSQL frees the space of a dropped table at once."""

    def _create_table(self, connection: Connection[tuple[Any, ...]], dimension: int) -> None:
        connection.execute(SCHEMA_LOCK)
        vector_setup.install(connection, self._database.name)
        vector_setup.create_table(connection, "staged", dimension)
        connection.execute(_ADD_MEMORY_VERSION)

    def _write_exclusively(self, work: Callable[[Connection[tuple[Any, ...]]], bool]) -> bool:
        """Run a transaction that takes the exclusive locks; retry while others hold them."""
        for _ in range(_MAX_LOCK_ATTEMPTS):
            try:
                return self._database.write(work, timeout_seconds=NO_TIMEOUT)
            except LockNotAvailable:  # noqa: PERF203 - costs nothing beside a transaction
                time.sleep(_LOCK_RETRY_DELAY_SECONDS)
        raise unavailable("The database is too busy to replace its embedder now")


def _replace_table(connection: Connection[tuple[Any, ...]], embedder: str) -> None:
    owners = list(count_by_owner(connection))
    for owner in owners:
        connection.execute(_DELETE_OUTDATED, (owner,))
    dimension = next(filter(None, (_dimension(connection, owner) for owner in owners)), None)
    if dimension is None:
        _delete_vectors(connection)
        return
    connection.execute("DROP TABLE IF EXISTS memoryos.vectors")
    connection.execute("ALTER TABLE memoryos.staged DROP COLUMN integrity_hash")
    connection.execute("ALTER TABLE memoryos.staged DROP COLUMN updated_at")
    connection.execute("ALTER TABLE memoryos.staged RENAME TO vectors")
    for name in vector_setup.INDEX_SUFFIXES:
        connection.execute(f"ALTER INDEX IF EXISTS memoryos.staged_{name} RENAME TO vectors_{name}")
    for owner in owners:
        connection.execute(_UPDATE_EMBEDDED, (owner,))
    _delete_settings(connection)
    _set(connection, "embedder", embedder)
    _set(connection, "dimension", str(dimension))


def _dimension(connection: Connection[tuple[Any, ...]], owner: str) -> int | None:
    """Return the dimension of an owner's new vectors, or None if there are none."""
    row = connection.execute(
        "SELECT vector_dims(vector) FROM memoryos.staged WHERE owner = %s LIMIT 1", (owner,)
    ).fetchone()
    return None if row is None else int(row[0])


def _delete_vectors(connection: Connection[tuple[Any, ...]]) -> None:
    connection.execute("DROP TABLE IF EXISTS memoryos.staged")
    connection.execute("DROP TABLE IF EXISTS memoryos.vectors")
    for owner in count_by_owner(connection):
        connection.execute(
            "UPDATE memoryos.memories SET embedded = false WHERE owner = %s AND embedded", (owner,)
        )
    _delete_settings(connection)


def _delete_settings(connection: Connection[tuple[Any, ...]]) -> None:
    connection.execute(
        "DELETE FROM memoryos.settings WHERE name IN ('reembedding', 'embedder', 'dimension')"
    )


def _lock_all(connection: Connection[tuple[Any, ...]]) -> None:
    connection.execute(SCHEMA_LOCK)
    connection.execute(_SET_LOCK_TIMEOUT)
    for lock in EXCLUSIVE_LOCKS:
        connection.execute(lock)


def _pending(connection: Connection[tuple[Any, ...]], embedder: str) -> str:
    """Return the condition for the memories that need a vector of `embedder`."""
    if _setting(connection, "embedder") == embedder:
        return _WITHOUT_VECTOR
    if _setting(connection, "reembedding") == embedder and _exists(connection, "staged"):
        return _WITHOUT_NEW_VECTOR
    return _ALL


def _check_is_current(connection: Connection[tuple[Any, ...]], embedder: str) -> None:
    if _setting(connection, "reembedding") != embedder:
        raise conflict(superseded_message(embedder))


def _exists(connection: Connection[tuple[Any, ...]], table: str) -> bool:
    row = connection.execute(
        "SELECT 1 FROM information_schema.tables "
        "WHERE table_schema = 'memoryos' AND table_name = %s",
        (table,),
    ).fetchone()
    return row is not None


def _count(connection: Connection[tuple[Any, ...]], condition: str) -> int:
    statement = f"SELECT count(*) FROM memoryos.memories WHERE memories.owner = %s AND {condition}"
    total = 0
    for owner in count_by_owner(connection):
        (count,) = connection.execute(statement, (owner,)).fetchone() or (0,)
        total += count
    return total


def _setting(connection: Connection[tuple[Any, ...]], name: str) -> str | None:
    row = connection.execute(
        "SELECT value FROM memoryos.settings WHERE name = %s", (name,)
    ).fetchone()
    return None if row is None else str(row[0])


def _set(connection: Connection[tuple[Any, ...]], name: str, value: str) -> None:
    connection.execute(
        "INSERT INTO memoryos.settings (name, value) VALUES (%s, %s) "
        "ON CONFLICT (name) DO UPDATE SET value = excluded.value",
        (name, value),
    )
