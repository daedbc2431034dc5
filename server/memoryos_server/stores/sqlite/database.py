"""Connections to one SQLite file: several readers and one writer; a fork inherits none."""

from __future__ import annotations

import sqlite3
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from memoryos_server.model.errors import ServiceError, unavailable
from memoryos_server.per_process import PerProcess
from memoryos_server.stores.row_mapper import DamagedValueError

from .backup_mark import check_mark
from .connections import CLOSED_MESSAGE, Connections
from .error_translation import (
    DAMAGE_ADVICE,
    DamagedStoreError,
    StoreUnusableError,
    read_only_error,
    translated,
)
from .files import can_write, identity
from .fork_guard import ForkGuard
from .migration import check_readable, migrate
from .opening import create_private_file, prepare_file
from .read_only import ReadOnlyFile
from .transactions import begin_immediately, close_on_error, transaction
from .write_ahead_log import WriteAheadLog

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

__all__ = ["BUSY_TIMEOUT_SECONDS", "MEMORY", "Database"]

MEMORY = ":memory:"
"""The path of a database in memory."""

BUSY_TIMEOUT_SECONDS = 10.0
"""How long a write waits by default for another process that is writing."""

MAX_CACHED_STATEMENTS = 256
"""How many prepared statements a connection keeps."""


class Database:
    """A SQLite database, opened by its first use.

    Args:
        path: the file, or `MEMORY`. Missing folders are created for this user only.
        sync: with `full`, a write survives a power failure. With `normal`, which is faster, it
            survives the end of the process.
        busy_timeout: seconds to wait for another process that is writing.
        on_open: called with a connection once a process has opened the file for writing.
    """

    def __init__(
        self,
        path: str | Path,
        *,
        sync: Literal["normal", "full"] = "normal",
        busy_timeout: float = BUSY_TIMEOUT_SECONDS,
        on_open: Callable[[sqlite3.Connection], None] = lambda _: None,
    ) -> None:
        # Absolute: each connection opens the path anew, after `os.chdir` too, and SQLite reads a
        # name that begins with `file:` as a URI.
        self._path = path if path == MEMORY else Path(path).expanduser().absolute()
        self._sync = sync
        self._busy_timeout = busy_timeout
        self._on_open = on_open
        self._is_closed = False
        self._is_damaged = False
        self._connections = PerProcess(Connections)
        self._forks = ForkGuard(self._prepare_fork)

    @property
    def name(self) -> str:
        """The name of the database for error messages: its file, without the folders."""
        return self._path if isinstance(self._path, str) else self._path.name

    def statistics(self) -> dict[str, float]:
        """Return the sizes in bytes of the database file and of its write-ahead log."""
        if isinstance(self._path, str):
            return {}
        log = Path(f"{self._path}-wal")
        return {"file_bytes": _size(self._path), "write_ahead_log_bytes": _size(log)}

    @property
    def _connection_options(self) -> dict[str, Any]:
        return {
            "timeout": self._busy_timeout,
            "isolation_level": None,
            "check_same_thread": False,
            "cached_statements": MAX_CACHED_STATEMENTS,
        }

    @property
    def accepts_writes(self) -> bool:
        """Whether the file can be written, and no damage of it was seen in this process."""
        with translated(self.name):
            return self._opened().writer is not None and not self._is_damaged

    @contextmanager
    def read(self) -> Iterator[sqlite3.Connection]:
        """Lend a connection for reading, which never waits for a transaction that writes.

        All reads in the block see the same snapshot.
        """
        if self._path == MEMORY:
            with self._in_use(), self._writer() as connection:
                yield connection
            return
        self._erase_if_due()
        with self._in_use():
            connections = self._opened()
            connection = self._take_reader(connections)
            if connections.log is not None:
                connections.log.wait_before_reading()
            try:
                connection.execute("BEGIN")
                yield connection
            except (sqlite3.Error, DamagedValueError):
                connections.check_unchanged()
                raise
            finally:
                self._give_reader(connection)
            connections.check_unchanged()

    @contextmanager
    def write(self) -> Iterator[sqlite3.Connection]:
        """Lend the connection for writing, in a transaction that commits at the end of the block.

        Raises:
            ReadOnlyStoreError: the file can't be written.
            DamagedStoreError: damage of the file was seen before.
            ServiceError: with status 503, another process was writing until the timeout.
        """
        with self._in_use(), self._writer() as connection:
            connection.execute("BEGIN IMMEDIATE")
            with transaction(connection):
                yield connection
            self._limit_log(connection)

    @contextmanager
    def write_unless_busy(self) -> Iterator[sqlite3.Connection | None]:
        """Like `write`, but lend None instead of waiting."""
        with self._in_use(), self._writer_unless_busy() as connection:
            if connection is None or not begin_immediately(connection, self._busy_timeout):
                yield None
                return
            with transaction(connection):
                yield connection
            self._limit_log(connection)

    def check_file(self) -> None:
        """Check that the file is the one that was opened, and as usable as it was then.

        Raises:
            StoreUnusableError: it was deleted or replaced, or damage was seen before.
            ReadOnlyStoreError: it was opened for writing, and can't be written any more.
        """
        with translated(self.name):
            connections = self._opened()
        if connections.read_only is not None or not isinstance(self._path, Path):
            return
        self._check_writable(connections)
        if identity(self._path) != connections.identity:
            raise StoreUnusableError(
                f"The database {self.name} was deleted or replaced by another file, so what is "
                "written now is lost; put it back and restart this program"
            )
        if not can_write(self._path):
            raise read_only_error(self.name)

    def erase_deleted(self) -> None:
        """Remove the bytes of deleted content from the files, after a transaction that deleted it.

        What can't be removed now, such as while a long read uses the log, is left to later calls.
        """
        log = None if self._path == MEMORY else self._connections.get().log
        if log is None:
            return
        deletion = log.count_deletion()
        with suppress(ServiceError), self._in_use(), self._writer() as connection:
            log.erase(connection, deletion)

    def close(self) -> None:
        """Close the connections of this process; those in use are closed when they are returned."""
        self._is_closed = True
        self._close_connections(is_final=True)

    def _close_connections(self, *, is_final: bool = False) -> None:
        connections = self._connections.get()
        while connections.readers:
            connections.readers.pop().close()
        with connections.writing:
            if connections.writer is not None:
                if is_final and connections.log is not None and not self._is_damaged:
                    with suppress(sqlite3.Error):
                        connections.log.erase_finally(connections.writer)
                connections.writer.close()
            connections.writer = connections.read_only = None

    def _prepare_fork(self) -> None:
        if self._path != MEMORY:
            self._close_connections()

    @contextmanager
    def _in_use(self) -> Iterator[None]:
        """Delay forks, translate errors, and remember damage, during the block."""
        try:
            with self._forks.using(), translated(self.name):
                yield
        except DamagedStoreError:
            self._is_damaged = True
            raise

    @contextmanager
    def _writer(self) -> Iterator[sqlite3.Connection]:
        """Lend the connection for writing to one thread at a time."""
        connections = self._opened()
        self._check_writable(connections)
        with connections.writing:
            yield connections.opened_writer()

    @contextmanager
    def _writer_unless_busy(self) -> Iterator[sqlite3.Connection | None]:
        """Lend the connection for writing, or None if another thread has it."""
        connections = self._opened()
        self._check_writable(connections)
        if not connections.writing.acquire(blocking=False):
            yield None
            return
        try:
            yield connections.opened_writer()
        finally:
            connections.writing.release()

    def _check_writable(self, connections: Connections) -> None:
        if connections.read_only is not None:
            raise read_only_error(self.name)
        if self._is_damaged and self._path != MEMORY:
            raise DamagedStoreError(
                f"The database {self.name} is damaged, so nothing more is written to it; "
                f"{DAMAGE_ADVICE}"
            )

    def _limit_log(self, connection: sqlite3.Connection) -> None:
        log = self._connections.get().log
        if log is not None:
            log.limit(connection)

    def _erase_if_due(self) -> None:
        """Remove content that an earlier call could not remove, unless a writer is active."""
        log = self._connections.get().log
        if log is None or not log.is_erasure_due or self._is_damaged or self._is_closed:
            return
        with suppress(ServiceError), self._in_use(), self._writer_unless_busy() as connection:
            if connection is not None:
                log.erase(connection, wait=False)

    def _opened(self) -> Connections:
        """Return the connections of this process; the first call opens the database."""
        if self._is_closed:
            raise unavailable(CLOSED_MESSAGE)
        if self._forks.is_tainted:
            raise StoreUnusableError(
                "This process was forked while its parent was using the database; "
                "fork earlier, or restart this process"
            )
        if self._path == MEMORY and self._connections.is_inherited():
            raise StoreUnusableError("A Memory OS in memory can't be used after a fork; use a file")
        connections = self._connections.get()
        if not connections.is_open:
            with connections.writing:
                if not connections.is_open and not self._is_closed:
                    with translated(self.name):
                        self._open(connections)
        return connections

    def _open(self, connections: Connections) -> None:
        if isinstance(self._path, Path):
            create_private_file(self._path, self.name)
            # Before the first connection, which would replay the log of another database.
            check_mark(self._path, self.name)
            if not can_write(self._path):
                connections.read_only = self._open_read_only(self._path)
                return
        connection = self._connect()
        with close_on_error(connection):
            connection.execute(f"PRAGMA synchronous = {self._sync}")
            if isinstance(self._path, Path):
                prepare_file(connection, self._path, self.name, self._busy_timeout)
                connections.log = WriteAheadLog(self._path, self._busy_timeout)
                connections.log.load(connection)
            else:
                migrate(connection, self.name)
            self._on_open(connection)
        if isinstance(self._path, Path):
            connections.identity = identity(self._path)
        connections.writer = connection

    def _open_read_only(self, path: Path) -> ReadOnlyFile:
        file = ReadOnlyFile(path, self.name)
        with closing(file.connect(**self._connection_options)) as connection:
            check_readable(connection, self.name)
        return file

    def _connect(self) -> sqlite3.Connection:
        """Return a new connection; SQLite doesn't read the file yet."""
        connection: sqlite3.Connection = sqlite3.connect(self._path, **self._connection_options)
        connection.execute("PRAGMA foreign_keys = ON")
        return connection

    def _take_reader(self, connections: Connections) -> sqlite3.Connection:
        if connections.read_only is not None and connections.read_only.has_changed():
            while connections.readers:
                connections.readers.pop().close()
        try:
            return connections.readers.pop()
        except IndexError:
            if connections.read_only is not None:
                return connections.read_only.connect(**self._connection_options)
            connection = self._connect()
            connection.execute("PRAGMA query_only = ON")
            connection.execute("PRAGMA temp_store = MEMORY")
            return connection

    def _give_reader(self, connection: sqlite3.Connection) -> None:
        try:
            connection.execute("ROLLBACK")
        except sqlite3.Error:
            connection.close()
            return
        if self._is_closed:
            connection.close()
        else:
            self._connections.get().readers.append(connection)


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0
