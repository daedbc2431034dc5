"""Transfer from and to a SQLite file."""

from __future__ import annotations

import sqlite3
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING

from memoryos_server.model.records import Memory
from memoryos_server.stores.analyses import Analyses
from memoryos_server.stores.transfer import RenumberedError, TransferError
from memoryos_server.stores.transfer_tables import (
    KEYS,
    MEMORIES,
    OWNED_TABLES,
    Dialect,
    Row,
    TableStatements,
)

from . import full_text, memories, metadata_fields, vectors
from .backup import open_source
from .backup_mark import APPLICATION_ID, BACKUP_APPLICATION_ID, TRANSFER_APPLICATION_ID
from .column_types import CODECS
from .database import Database
from .error_translation import translated
from .files import sync
from .memory_rows import MEMORY_ROWS
from .owners import count_by_owner
from .schema import VERSIONS
from .transactions import transaction

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime
    from pathlib import Path

    from memoryos_server.stores.transfer_tables import Key, Table

__all__ = ["SQLiteSource", "SQLiteTarget"]

_DIALECT = Dialect("?", "", CODECS)
_STATEMENTS = {table: TableStatements(table, _DIALECT) for table in (*OWNED_TABLES, KEYS)}
_LIST = MEMORY_ROWS.column_list
_PLACEHOLDERS = ", ".join("?" * len(MEMORY_ROWS.names))


class SQLiteSource:
    """The `TransferSource` of a file, at the time of its first read.

    Args:
        path: the file; it may be in use.
        now: the current time.
    """

    def __init__(self, path: Path, now: datetime) -> None:
        self._path = path
        self._valid_at: datetime | None = now
        self._connection = self._open()

    @property
    def name(self) -> str:
        """Implement `TransferSource.name`."""
        return str(self._path)

    def embedder(self) -> str | None:
        """Implement `TransferSource.embedder`."""
        return _setting(self._connection, "embedder")

    def owners(self) -> dict[str, int]:
        """Implement `TransferSource.owners`."""
        with translated(self._path.name):
            return count_by_owner(self._connection)

    def batch(self, table: Table, owner: str | None, after: Key | None) -> list[Row]:
        """Implement `TransferSource.batch`."""
        return self._rows(table, owner, after, None, self._valid_at)

    def close(self) -> None:
        """Close the file."""
        self._connection.close()

    def _open(self) -> sqlite3.Connection:
        with translated(self._path.name):
            connection = open_source(self._path)
            with _closed_on_error(connection):
                connection.isolation_level = None
                connection.execute("BEGIN")
                _check_version(connection, self._path)
            return connection

    def _rows(
        self,
        table: Table,
        owner: str | None,
        after: Key | None,
        up_to: Key | None,
        valid_at: datetime | None,
    ) -> list[Row]:
        statements = _STATEMENTS[table]
        with translated(self._path.name):
            selected = self._connection.execute(*statements.select(owner, after, up_to, valid_at))
            rows = [statements.row(values) for values in selected]
            if table is MEMORIES and rows:
                return self._with_vectors(str(owner), rows)
            return rows

    def _with_vectors(self, owner: str, rows: Sequence[Row]) -> list[Row]:
        found = self._connection.execute(
            "SELECT number, vector FROM vectors WHERE owner = ? AND number >= ? AND number <= ?",
            (owner, *rows[0].key, *rows[-1].key),
        )
        of_number = dict(found.fetchall())
        return [row._replace(vector=of_number.get(*row.key)) for row in rows]


class SQLiteTarget(SQLiteSource):
    """The `TransferTarget` of a file.

    Until the transfer is complete, the file has an application id that no program opens. While it
    runs, the file is locked.

    Args:
        path: the file; it is created if it is missing or empty.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._valid_at = None
        self._connection = self._create()

    def begin(self, source: str, embedder: str | None) -> None:
        """Implement `TransferTarget.begin`."""
        with translated(self._path.name):
            self._check_contents(source)  # first: of a file with data, its use doesn't matter
            self._connection.close()
            self._connection = _open_exclusively(self._path)
            with self._writing() as connection:
                self._check_contents(source)
                _set(connection, "transfer", source)
                connection.execute(f"PRAGMA application_id = {TRANSFER_APPLICATION_ID}")
                # What the file had before may have been from another embedder.
                connection.execute("DELETE FROM settings WHERE name IN ('embedder', 'reembedding')")
                if embedder is not None:
                    _set(connection, "embedder", embedder)

    def between(self, table: Table, owner: str | None, after: Key | None, last: Key) -> list[Row]:
        """Implement `TransferTarget.between`."""
        return self._rows(table, owner, after, last, None)

    def replace(
        self, table: Table, owner: str | None, deleted: Sequence[Row], stored: Sequence[Row]
    ) -> None:
        """Implement `TransferTarget.replace`."""
        statements = _STATEMENTS[table]
        try:
            with translated(self._path.name), self._writing() as connection:
                if table is MEMORIES:
                    _replace_memories(connection, str(owner), deleted, stored)
                    return
                delete_values = statements.delete_values(owner, deleted)
                connection.executemany(statements.delete(), delete_values)
                connection.executemany(statements.upsert(), statements.upsert_values(stored))
        except sqlite3.IntegrityError as error:
            raise RenumberedError(self.name, "delete the file") from error

    def finish(self, highest: dict[str, int]) -> None:  # noqa: ARG002 - SQLite remembers it
        """Implement `TransferTarget.finish`."""
        with translated(self._path.name), self._writing() as connection:
            connection.execute("DELETE FROM settings WHERE name = 'transfer'")
            connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        self._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        sync(self._path)

    def _check_contents(self, source: str) -> None:
        if _application_id(self._connection) != TRANSFER_APPLICATION_ID:
            _check_is_empty(self._connection, self.name)
            return
        earlier = _setting(self._connection, "transfer")
        if earlier != source:
            raise TransferError(
                f"{self.name} is an unfinished copy of {earlier}; finish that, or delete the file"
            )

    @contextmanager
    def _writing(self) -> Iterator[sqlite3.Connection]:
        self._connection.execute("BEGIN IMMEDIATE")
        with transaction(self._connection):
            yield self._connection

    def _create(self) -> sqlite3.Connection:
        """Open the file without foreign keys: a parent may come after its child."""
        if not self._path.exists() or not self._path.stat().st_size:
            with closing(Database(self._path)) as database, database.read():
                pass
        with translated(self._path.name):
            connection: sqlite3.Connection = sqlite3.connect(
                self._path.absolute(), isolation_level=None
            )
            with _closed_on_error(connection):
                _check_version(connection, self._path, may_be_unfinished=True)
            return connection


@contextmanager
def _closed_on_error(connection: sqlite3.Connection) -> Iterator[None]:
    """Close a connection if the block raises, so that the file isn't in use any more."""
    try:
        yield
    except BaseException:
        connection.close()
        raise


def _open_exclusively(path: Path) -> sqlite3.Connection:
    """Open a file so that no other connection can read or write it, also between transactions.

    Raises:
        TransferError: another connection has it open.
    """
    connection = sqlite3.connect(path.absolute(), timeout=0, isolation_level=None)
    try:
        with _closed_on_error(connection):
            connection.execute("PRAGMA locking_mode = EXCLUSIVE").fetchone()
            connection.execute("BEGIN EXCLUSIVE")
            connection.execute("ROLLBACK")
    except sqlite3.OperationalError as error:
        if "locked" not in str(error):
            raise
        raise TransferError(
            f"a program has {path} open, perhaps another `memoryos migrate`; stop it, or name a "
            "new file"
        ) from None
    return connection


def _replace_memories(
    connection: sqlite3.Connection, owner: str, deleted: Sequence[Row], stored: Sequence[Row]
) -> None:
    for number in [row.key[0] for row in (*deleted, *stored)]:
        _delete_memory(connection, owner, number)
    analyses = Analyses()
    for row in stored:
        _insert_memory(connection, row, analyses)


def _delete_memory(connection: sqlite3.Connection, owner: str, number: int) -> None:
    """Delete a memory, if it is stored. Its children stay as they are."""
    select = f"SELECT {_LIST} FROM memories WHERE owner = ? AND number = ?"  # noqa: S608
    row = connection.execute(select, (owner, number)).fetchone()
    if row is None:
        return
    full_text.delete_of(connection, number, MEMORY_ROWS.from_row(row), Analyses())
    for table in ("memory_tags", "memory_entities", "memory_metadata", "vectors", "memories"):
        connection.execute(
            f"DELETE FROM {table} WHERE owner = ? AND number = ?",  # noqa: S608
            (owner, number),
        )


def _insert_memory(connection: sqlite3.Connection, row: Row, analyses: Analyses) -> None:
    number, *values = row.record
    memory = Memory(*values)
    words = analyses.words(memory)
    connection.execute(
        f"INSERT INTO memories (number, {_LIST}, word_count, words_checksum) "  # noqa: S608
        f"VALUES (?, {_PLACEHOLDERS}, ?, ?)",
        (number, *MEMORY_ROWS.to_row(memory), len(words), full_text.checksum(words)),
    )
    full_text.insert(connection, number, memory.owner, words)
    memories.attach_tags_and_entities(connection, number, memory)
    metadata_fields.attach(connection, number, memory.owner, memory.metadata)
    vectors.put(connection, number, memory.owner, row.vector, analyses.terms(memory))


def _check_version(
    connection: sqlite3.Connection, path: Path, *, may_be_unfinished: bool = False
) -> None:
    application = _application_id(connection)
    if application == TRANSFER_APPLICATION_ID and not may_be_unfinished:
        raise TransferError(f"{path} is an unfinished copy; finish it, and then use it")
    if application not in {APPLICATION_ID, BACKUP_APPLICATION_ID, TRANSFER_APPLICATION_ID}:
        raise TransferError(f"{path} was not made by Memory OS")
    version = connection.execute("PRAGMA user_version").fetchone()[0]
    if version > len(VERSIONS):
        raise TransferError(f"{path} was written by a newer Memory OS; update this program")
    if version < len(VERSIONS):
        raise TransferError(
            f"{path} was written by an older Memory OS; bring it, or a copy of it, up to date "
            f"first: memoryos stats --data {path}"
        )


def _check_is_empty(connection: sqlite3.Connection, name: str) -> None:
    counts = count_by_owner(connection)
    if counts:
        raise TransferError(
            f"{name} already has data: {sum(counts.values())} memories of {len(counts)} owners; "
            "name a new file"
        )


def _application_id(connection: sqlite3.Connection) -> int:
    identifier: int = connection.execute("PRAGMA application_id").fetchone()[0]
    return identifier


def _setting(connection: sqlite3.Connection, name: str) -> str | None:
    row = connection.execute("SELECT value FROM settings WHERE name = ?", (name,)).fetchone()
    return None if row is None else str(row[0])


def _set(connection: sqlite3.Connection, name: str, value: str) -> None:
    connection.execute("INSERT OR REPLACE INTO settings VALUES (?, ?)", (name, value))
