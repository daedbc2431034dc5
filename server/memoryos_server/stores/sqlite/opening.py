"""Opening a SQLite file: create it, remove the mark of a backup, switch to WAL, migrate."""

from __future__ import annotations

import errno
import os
import sqlite3
import threading
import time
from typing import TYPE_CHECKING

from memoryos_server.per_process import PerProcess

from . import write_ahead_log
from .backup_mark import check_mark, remove_mark
from .error_translation import StoreUnusableError
from .migration import migrate

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

__all__ = ["create_private_file", "create_private_folders", "prepare_file"]

_RETRY_INTERVAL_SECONDS = 0.01
_PRIVATE_FOLDER_MODE = 0o700
_PRIVATE_FILE_MODE = 0o600
_creation = PerProcess(threading.Lock)


def prepare_file(connection: sqlite3.Connection, path: Path, name: str, timeout: float) -> None:
    """Prepare a file for reading and writing.

    Args:
        connection: a new connection to the file.
        path: the file.
        name: its name for error messages.
        timeout: seconds to wait for other processes that open the file.

    Raises:
        StoreUnusableError: the file is a backup beside another database's log, or from another
            program, or from a newer Memory OS.
    """
    while check_mark(path, name):
        _retry_while_locked(lambda: remove_mark(connection), timeout)
    write_ahead_log.configure(connection)
    _retry_while_locked(lambda: connection.execute("PRAGMA journal_mode = WAL"), timeout)
    migrate(connection, name)


def create_private_file(path: Path, name: str) -> None:
    """Create the file before SQLite does, so that only this user can read it.

    An existing file isn't opened: closing it would release the POSIX locks that other connections
    of this process hold.
    """
    try:
        with _creation.get():
            create_private_folders(path)
            if path.is_dir():
                raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
            if not path.exists():
                os.close(os.open(path, os.O_RDWR | os.O_CREAT, _PRIVATE_FILE_MODE))
            elif not os.access(path, os.R_OK):  # SQLite's own error doesn't give the reason
                raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
    except OSError as error:
        message = f"The database {name} can't be opened: {error.strerror}"
        raise StoreUnusableError(message) from error


def create_private_folders(path: Path) -> None:
    """Create the missing folders of a file, for this user only."""
    for folder in reversed(path.parents):
        folder.mkdir(mode=_PRIVATE_FOLDER_MODE, exist_ok=True)


def _retry_while_locked(step: Callable[[], object], timeout: float) -> None:
    """Repeat a step for which the busy timeout doesn't wait, while other processes do the same."""
    deadline = time.monotonic() + timeout
    while True:
        is_last = time.monotonic() > deadline
        try:
            step()
        except sqlite3.OperationalError as error:
            if is_last or "locked" not in str(error):
                raise
            time.sleep(_RETRY_INTERVAL_SECONDS)
        else:
            return
