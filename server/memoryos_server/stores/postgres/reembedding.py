"""Changing the embedder of a PostgreSQL database: see `memoryos_server.stores.reembedding`.

The new vectors have a table of their own, with its indexes, which takes the other one's place. A
lock on the settings holds that back as long as anybody searches or writes, and them while it lasts;
whoever was waiting then reads which embedder the vectors are of.
"""

# ruff: noqa: S608 - only constants of this package are put into the SQL, values are parameters

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from psycopg.errors import LockNotAvailable

from memoryos_server.model.errors import conflict, unavailable
from memoryos_server.stores.reembedding import Unstaged, another_change

from . import vector_setup, vectors
from .memory_rows import COLUMNS, from_row

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from psycopg import Connection

    from memoryos_server.stores.reembedding import Staged

    from .database import Database
    from .engines import Engine

__all__ = ["PostgresStaging"]

_LIST = ", ".join(f"memories.{column}" for column in COLUMNS)

_EXTRA = """
  ALTER TABLE memoryos.staged ADD COLUMN IF NOT EXISTS integrity_hash text,
  ADD COLUMN IF NOT EXISTS updated_at timestamptz
"""
# What is kept beside a vector depends on more than the content.
_FITTING = """
  staged.number = memories.number AND staged.integrity_hash = memories.integrity_hash
  AND staged.updated_at = memories.updated_at
"""
_WITHOUT_NEW = f"""
  FROM memoryos.memories WHERE NOT EXISTS (SELECT 1 FROM memoryos.staged WHERE {_FITTING})
"""
_WITHOUT_ANY = "FROM memoryos.memories WHERE NOT embedded"

_PUT = """
  INSERT INTO memoryos.staged
  (number, owner, expires_at, created, thread, terms, vector, integrity_hash, updated_at)
  SELECT %s, %s, %s, %s, %s, %s, %s::vector, integrity_hash, updated_at FROM memoryos.memories
  WHERE number = %s AND integrity_hash = %s AND updated_at = %s
  ON CONFLICT (number) DO UPDATE SET expires_at = excluded.expires_at, thread = excluded.thread,
  terms = excluded.terms, vector = excluded.vector, integrity_hash = excluded.integrity_hash,
  updated_at = excluded.updated_at
"""
_STALE = f"""
  DELETE FROM memoryos.staged WHERE NOT EXISTS (SELECT 1 FROM memoryos.memories WHERE {_FITTING})
"""
_MARK = """
  UPDATE memoryos.memories SET embedded = NOT embedded
  WHERE embedded <> EXISTS (SELECT 1 FROM memoryos.vectors WHERE vectors.number = memories.number)
"""

# A long search or a backup holds the change back; whoever comes behind it must not wait for both.
_LOCK_WAIT = "SET LOCAL lock_timeout = '2s'"
_LOCK_ATTEMPTS = 30
_LOCK_PAUSE = 1.0  # seconds


class PostgresStaging:
    """The `Staging` of a PostgreSQL database.

    Args:
        database: the database.
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
            return _count(connection, "FROM memoryos.memories")

    def waiting(self, embedder: str, after: int, count: int) -> list[Unstaged]:
        """Return memories, as `Staging` says."""
        with self._database.read() as connection:
            rows = connection.execute(
                f"SELECT {_LIST}, memories.number {_waiting(connection, embedder)} "
                "AND memories.number > %s ORDER BY memories.number LIMIT %s",
                (after, count),
            )
            return [Unstaged(row[-1], from_row(row[:-1])) for row in rows]

    def begin(self, embedder: str) -> None:
        """Begin or go on, as `Staging` says."""

        def begin(connection: Connection[tuple[Any, ...]]) -> None:
            _lock_schema(connection, self._database.engine)
            if _setting(connection, "reembedding") != embedder:
                connection.execute("DROP TABLE IF EXISTS memoryos.staged")
                _set(connection, "reembedding", embedder)

        self._database.write(begin)

    def stage(self, embedder: str, rows: Sequence[Staged]) -> None:
        """Keep vectors, as `Staging` says."""

        def stage(connection: Connection[tuple[Any, ...]]) -> None:
            _check(connection, embedder)
            if not _exists(connection, "staged"):
                self._make_table(connection, len(rows[0].vector))
            for row in sorted(rows, key=lambda row: row.number):
                memory = row.memory
                fitting = (row.number, memory.integrity_hash, memory.updated_at)
                connection.execute(_PUT, (*vectors.row(row.number, memory, row.vector), *fitting))

        if rows:
            self._database.write(stage)

    def adopt(self, embedder: str, most: int) -> bool:
        """Put the new vectors in place, as `Staging` says."""

        def adopt(connection: Connection[tuple[Any, ...]]) -> bool:
            _lock_all(connection, self._database.engine)
            _check(connection, embedder)
            if not _exists(connection, "staged"):
                if _count(connection, "FROM memoryos.memories") > most:
                    return False
                _drop(connection)
                return True
            if _count(connection, _WITHOUT_NEW) > most:
                return False
            _replace_table(connection, embedder)
            return True

        return self._patiently(adopt)

    def clear(self) -> None:
        """Drop all vectors, as `Staging` says."""

        def clear(connection: Connection[tuple[Any, ...]]) -> bool:
            _lock_all(connection, self._database.engine)
            _drop(connection)
            return True

        self._patiently(clear)

    def tidy(self) -> None:
        """Give back nothing: what is dropped with a table is free at once."""

    def _make_table(self, connection: Connection[tuple[Any, ...]], dimension: int) -> None:
        engine = self._database.engine
        _lock_schema(connection, engine)
        vector_setup.install(connection, engine, self._database.name)
        vector_setup.make_table(connection, engine, "staged", dimension)
        connection.execute(_EXTRA)

    def _patiently(self, work: Callable[[Connection[tuple[Any, ...]]], bool]) -> bool:
        """Do what locks everybody out, as soon as nobody holds it back."""
        for _ in range(_LOCK_ATTEMPTS):
            try:
                return self._database.write(work)
            except LockNotAvailable:  # noqa: PERF203 - costs nothing beside a transaction
                time.sleep(_LOCK_PAUSE)
        raise unavailable("Somebody reads or writes the database all the time")


def _replace_table(connection: Connection[tuple[Any, ...]], embedder: str) -> None:
    connection.execute(_STALE)
    row = connection.execute("SELECT vector_dims(vector) FROM memoryos.staged LIMIT 1").fetchone()
    if row is None:
        _drop(connection)
        return
    connection.execute("DROP TABLE IF EXISTS memoryos.vectors")
    connection.execute("ALTER TABLE memoryos.staged DROP COLUMN integrity_hash")
    connection.execute("ALTER TABLE memoryos.staged DROP COLUMN updated_at")
    connection.execute("ALTER TABLE memoryos.staged RENAME TO vectors")
    for name in vector_setup.INDEXES:
        connection.execute(f"ALTER INDEX IF EXISTS memoryos.staged_{name} RENAME TO vectors_{name}")
    connection.execute(_MARK)
    _forget(connection)
    _set(connection, "embedder", embedder)
    _set(connection, "dimension", str(row[0]))


def _drop(connection: Connection[tuple[Any, ...]]) -> None:
    connection.execute("DROP TABLE IF EXISTS memoryos.staged")
    connection.execute("DROP TABLE IF EXISTS memoryos.vectors")
    connection.execute("UPDATE memoryos.memories SET embedded = false WHERE embedded")
    _forget(connection)


def _forget(connection: Connection[tuple[Any, ...]]) -> None:
    connection.execute(
        "DELETE FROM memoryos.settings WHERE name IN ('reembedding', 'embedder', 'dimension')"
    )


def _lock_schema(connection: Connection[tuple[Any, ...]], engine: Engine) -> None:
    if engine.schema_lock is not None:
        connection.execute(engine.schema_lock)


def _lock_all(connection: Connection[tuple[Any, ...]], engine: Engine) -> None:
    _lock_schema(connection, engine)
    connection.execute(_LOCK_WAIT)
    for lock in engine.exclusive_locks:
        connection.execute(lock)


def _waiting(connection: Connection[tuple[Any, ...]], embedder: str) -> str:
    """Return from where to select what still needs a vector."""
    if _setting(connection, "embedder") == embedder:
        return _WITHOUT_ANY
    if _setting(connection, "reembedding") == embedder and _exists(connection, "staged"):
        return _WITHOUT_NEW
    return "FROM memoryos.memories WHERE true"


def _check(connection: Connection[tuple[Any, ...]], embedder: str) -> None:
    if _setting(connection, "reembedding") != embedder:
        raise conflict(another_change(embedder))


def _exists(connection: Connection[tuple[Any, ...]], table: str) -> bool:
    row = connection.execute(
        "SELECT 1 FROM information_schema.tables "
        "WHERE table_schema = 'memoryos' AND table_name = %s",
        (table,),
    ).fetchone()
    return row is not None


def _count(connection: Connection[tuple[Any, ...]], source: str) -> int:
    (count,) = connection.execute(f"SELECT count(*) {source}").fetchone() or (0,)
    return int(count)


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
