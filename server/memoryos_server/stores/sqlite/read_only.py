"""Connections to a database that this user can't write, such as on a read-only disk."""

from __future__ import annotations

import os
import sqlite3
from typing import TYPE_CHECKING, Any

from memoryos_server.model.errors import unavailable

from .error_translation import StoreUnusableError
from .files import log_file, read_only_uri

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["ReadOnlyFile"]


class ReadOnlyFile:
    """A database file that is only read. Nothing is created beside it.

    While another program has the database open, its write-ahead log and the log's index are used
    as usual. Otherwise SQLite reads the file without locks, so a change of the file is noticed
    here.

    Args:
        path: the file.
        name: its name for error messages.
    """

    def __init__(self, path: Path, name: str) -> None:
        self._path = path
        self._name = name
        self._state = self._current_state()
        self._is_locked = False

    def connect(self, **options: Any) -> sqlite3.Connection:
        """Return a new connection.

        Args:
            options: more arguments of `sqlite3.connect`.
        """
        wal = log_file(self._path, "-wal")
        if wal.exists():
            try:
                connection = self._open(options)
            except sqlite3.OperationalError as error:
                if "locked" in str(error):
                    raise
            else:
                self._is_locked = True
                return connection
        self._is_locked = False
        if wal.exists() and wal.stat().st_size > 0 and os.name == "posix":
            # Without locks, and with the log's index in this connection's memory.
            return self._open(options, "vfs=unix-none", exclusive=True)
        return self._open(options, "immutable=1")

    def has_changed(self) -> bool:
        """Return whether another program may have changed the file since the last call.

        Raises:
            StoreUnusableError: the file was replaced by another one.
        """
        before, self._state = self._state, self._current_state()
        if before[0][:2] != self._state[0][:2]:
            raise StoreUnusableError(
                f"The database {self._name} was replaced by another file; restart this program"
            )
        return before != self._state

    def check_unchanged(self) -> None:
        """Check that no program has written to the file while it was read without locks.

        Raises:
            ServiceError: with status 503, one has.
        """
        if not self._is_locked and self.has_changed():
            raise unavailable("Another program was writing to the database")

    def _open(
        self, options: dict[str, Any], *parameters: str, exclusive: bool = False
    ) -> sqlite3.Connection:
        uri = read_only_uri(self._path, *parameters)
        connection: sqlite3.Connection = sqlite3.connect(uri, uri=True, **options)
        try:
            if exclusive:
                connection.execute("PRAGMA locking_mode = EXCLUSIVE")
            connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
        except BaseException:
            connection.close()
            raise
        return connection

    def _current_state(self) -> list[tuple[int, ...]]:
        return [_file_state(self._path), _file_state(log_file(self._path, "-wal"))]


def _file_state(path: Path) -> tuple[int, ...]:
    try:
        status = path.stat()
    except OSError:
        return ()
    return status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns
