"""Connections to one SQLite file: several readers and one writer; a fork inherits none."""

from __future__ import annotations

import errno
import os
import sqlite3
import threading
import time
from collections import deque
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from memoryos_server.model.errors import unavailable
from memoryos_server.per_process import PerProcess

from .error_translation import StoreUnusableError, translated
from .fork_guard import ForkGuard
from .schema import migrate

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["BUSY_TIMEOUT_SECONDS", "MEMORY", "Database"]

MEMORY = ":memory:"
"""The path of a database in memory."""

BUSY_TIMEOUT_SECONDS = 10.0
"""How long a write waits by default for another process that is writing."""

MAX_CACHED_STATEMENTS = 256
"""How many prepared statements a connection keeps."""

_WAL_RETRY_INTERVAL_SECONDS = 0.01
_PRIVATE_FOLDER_MODE = 0o700
_PRIVATE_FILE_MODE = 0o600
_CLOSED = "This Memory OS is closed"
_creation = PerProcess(threading.Lock)


class Database:
    """A SQLite database, opened by its first use.

    Args:
        path: the file, or `MEMORY`. Missing folders are created for this user only.
        sync: with `full`, a write survives a power failure. With `normal`, which is faster, it
            survives the end of the process.
        busy_timeout: seconds to wait for another process that is writing.
    """

    def __init__(
        self,
        path: str | Path,
        *,
        sync: Literal["normal", "full"] = "normal",
        busy_timeout: float = BUSY_TIMEOUT_SECONDS,
    ) -> None:
        self._path = path if path == MEMORY else Path(path).expanduser()
        self._sync = sync
        self._busy_timeout = busy_timeout
        self._is_closed = False
        self._connections = PerProcess(_Connections)
        self._forks = ForkGuard(self._prepare_fork)

    @property
    def name(self) -> str:
        """The name of the database for error messages: its file, without the folders."""
        return self._path if isinstance(self._path, str) else self._path.name

    @contextmanager
    def read(self) -> Iterator[sqlite3.Connection]:
        """Lend a connection for reading, which never waits for a writer.

        All reads in the block see the same snapshot.
        """
        with self._forks.using(), translated(self.name):
            if self._path == MEMORY:
                with self._writer() as connection:
                    yield connection
                return
            connection = self._take_reader()
            try:
                connection.execute("BEGIN")
                yield connection
            finally:
                self._give_reader(connection)

    @contextmanager
    def write(self) -> Iterator[sqlite3.Connection]:
        """Lend the connection for writing, in a transaction that commits at the end of the block.

        Raises:
            ServiceError: with status 503, another process was writing until the timeout.
        """
        with self._forks.using(), translated(self.name), self._writer() as connection:
            connection.execute("BEGIN IMMEDIATE")
            with _transaction(connection):
                yield connection

    @contextmanager
    def write_unless_busy(self) -> Iterator[sqlite3.Connection | None]:
        """Like `write`, but lend None instead of waiting."""
        with self._forks.using(), translated(self.name), self._writer_unless_busy() as connection:
            if connection is None or not _begin_immediately(connection, self._busy_timeout):
                yield None
                return
            with _transaction(connection):
                yield connection

    def close(self) -> None:
        """Close the connections of this process; those in use are closed when they are returned."""
        self._is_closed = True
        self._close_connections()

    def _close_connections(self) -> None:
        connections = self._connections.get()
        while connections.readers:
            connections.readers.pop().close()
        with connections.writing:
            if connections.writer is not None:
                connections.writer.close()
                connections.writer = None

    def _prepare_fork(self) -> None:
        if self._path != MEMORY:
            self._close_connections()

    @contextmanager
    def _writer(self) -> Iterator[sqlite3.Connection]:
        """Lend the connection for writing to one thread at a time."""
        connections = self._opened()
        with connections.writing:
            yield connections.opened_writer()

    @contextmanager
    def _writer_unless_busy(self) -> Iterator[sqlite3.Connection | None]:
        """Lend the connection for writing, or None if another thread has it."""
        connections = self._opened()
        if not connections.writing.acquire(blocking=False):
            yield None
            return
        try:
            yield connections.opened_writer()
        finally:
            connections.writing.release()

    def _opened(self) -> _Connections:
        """Return the connections of this process; the first call opens the database."""
        if self._is_closed:
            raise unavailable(_CLOSED)
        if self._forks.is_tainted:
            raise StoreUnusableError(
                "This process was forked while its parent was using the database; "
                "fork earlier, or restart this process"
            )
        if self._path == MEMORY and self._connections.is_inherited():
            raise StoreUnusableError("A Memory OS in memory can't be used after a fork; use a file")
        connections = self._connections.get()
        if connections.writer is None:
            with connections.writing:
                if connections.writer is None and not self._is_closed:
                    connections.writer = self._open()
        return connections

    def _open(self) -> sqlite3.Connection:
        with translated(self.name):
            if isinstance(self._path, Path):
                _create_private_file(self._path, self.name)
            connection = self._connect()
            with _close_on_error(connection):
                connection.execute(f"PRAGMA synchronous = {self._sync}")
                if isinstance(self._path, Path):
                    _use_write_ahead_log(connection, self._busy_timeout)
                migrate(connection, self.name)
            return connection

    def _connect(self) -> sqlite3.Connection:
        """Return a new connection; SQLite doesn't read the file yet."""
        connection = sqlite3.connect(
            self._path,
            timeout=self._busy_timeout,
            isolation_level=None,
            check_same_thread=False,
            cached_statements=MAX_CACHED_STATEMENTS,
        )
        connection.execute("PRAGMA foreign_keys = ON")
        return connection

    def _take_reader(self) -> sqlite3.Connection:
        readers = self._opened().readers
        try:
            return readers.pop()
        except IndexError:
            connection = self._connect()
            connection.execute("PRAGMA query_only = ON")
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


class _Connections:
    """The connections of one process."""

    def __init__(self) -> None:
        self.writing = threading.RLock()
        self.writer: sqlite3.Connection | None = None
        self.readers: deque[sqlite3.Connection] = deque()

    def opened_writer(self) -> sqlite3.Connection:
        if self.writer is None:  # closed while this thread was waiting
            raise unavailable(_CLOSED)
        return self.writer


@contextmanager
def _close_on_error(connection: sqlite3.Connection) -> Iterator[None]:
    try:
        yield
    except BaseException:
        connection.close()
        raise


@contextmanager
def _transaction(connection: sqlite3.Connection) -> Iterator[None]:
    """Commit the open transaction, or roll it back on an error."""
    try:
        yield
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise


def _begin_immediately(connection: sqlite3.Connection, busy_timeout: float) -> bool:
    connection.execute("PRAGMA busy_timeout = 0")
    try:
        connection.execute("BEGIN IMMEDIATE")
    except sqlite3.OperationalError as error:
        if "locked" not in str(error):
            raise
        return False
    finally:
        connection.execute(f"PRAGMA busy_timeout = {round(busy_timeout * 1000)}")
    return True


def _use_write_ahead_log(connection: sqlite3.Connection, timeout: float) -> None:
    """Switch to WAL. The busy timeout doesn't cover several processes that switch at once."""
    deadline = time.monotonic() + timeout
    while not _try_write_ahead_log(connection, is_last=time.monotonic() > deadline):
        time.sleep(_WAL_RETRY_INTERVAL_SECONDS)


def _try_write_ahead_log(connection: sqlite3.Connection, *, is_last: bool) -> bool:
    try:
        connection.execute("PRAGMA journal_mode = WAL")
    except sqlite3.OperationalError as error:
        if is_last or "locked" not in str(error):
            raise
        return False
    return True


def _create_private_file(path: Path, name: str) -> None:
    """Create the file before SQLite does, so that only this user can read it.

    An existing file isn't opened: closing it would release the POSIX locks that other connections
    of this process hold.
    """
    try:
        with _creation.get():
            for folder in reversed(path.parents):
                folder.mkdir(mode=_PRIVATE_FOLDER_MODE, exist_ok=True)
            if path.is_dir():
                raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
            if not path.exists():
                os.close(os.open(path, os.O_RDWR | os.O_CREAT, _PRIVATE_FILE_MODE))
            elif not os.access(path, os.R_OK):  # SQLite's own error doesn't give the reason
                raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
    except OSError as error:
        message = f"The database {name} can't be opened: {error.strerror}"
        raise StoreUnusableError(message) from error
