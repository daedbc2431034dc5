"""The id of a database file, which distinguishes it from all others, its own backups included."""

from __future__ import annotations

import sqlite3
from contextlib import closing, suppress
from typing import TYPE_CHECKING
from uuid import uuid4

from .backup import SOURCE_LOCK_TIMEOUT_SECONDS, BackupError, check_source, open_source
from .backup_mark import is_marked
from .error_translation import StoreUnusableError
from .files import can_write

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["store_id"]

_SELECT = "SELECT value FROM settings WHERE name = 'id'"
_INSERT = "INSERT OR IGNORE INTO settings VALUES ('id', ?)"


def store_id(path: Path) -> str:
    """Return the id of a file, which is made and stored by the first call.

    Copies made by `memoryos backup` have none, so that a restored one becomes another store.

    Args:
        path: the file; it may be in use.

    Returns:
        The id; an empty text if there is none and this user can't write the file.

    Raises:
        BackupError: the file can't be read, or is not from Memory OS.
    """
    try:
        check_source(path)
        found = _read(path)
        if found is None and can_write(path) and not is_marked(path):
            _write(path)
            found = _read(path)
    except StoreUnusableError as error:
        raise BackupError(error.message) from error
    except (OSError, sqlite3.Error) as error:
        raise BackupError(f"can't read {path}: {error}") from error
    return found or ""


def _read(path: Path) -> str | None:
    with closing(open_source(path)) as connection:
        row = connection.execute(_SELECT).fetchone()
    return None if row is None else str(row[0])


def _write(path: Path) -> None:
    timeout = SOURCE_LOCK_TIMEOUT_SECONDS
    connection = sqlite3.connect(path.absolute(), timeout=timeout, isolation_level=None)
    with closing(connection), suppress(sqlite3.OperationalError):  # such as a full disk
        connection.execute(_INSERT, (uuid4().hex,))
