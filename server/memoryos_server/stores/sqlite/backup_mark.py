"""The mark of a backup: an application id of its own in the header of the file.

A backup is whole in one file. If it is copied over a database whose write-ahead log stays beside
it, SQLite would replay that log into the copy. Therefore a file that still has the mark is not
opened beside a log. The first program that opens the file for writing removes the mark.
"""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

from .error_translation import StoreUnusableError
from .files import log_file, read_only_uri

if TYPE_CHECKING:
    from pathlib import Path

__all__ = [
    "APPLICATION_ID",
    "BACKUP_APPLICATION_ID",
    "TRANSFER_APPLICATION_ID",
    "add_mark",
    "check_mark",
    "is_marked",
    "remove_mark",
]

APPLICATION_ID = 0x6D6F7331
"""The application id in the header of our SQLite files: `mos1` in ASCII."""

BACKUP_APPLICATION_ID = 0x6D6F7362
"""The application id of a backup that has not been opened for writing: `mosb` in ASCII."""

TRANSFER_APPLICATION_ID = 0x6D6F7374
"""The application id of a file that a transfer is filling: `most` in ASCII."""


def is_marked(path: Path) -> bool:
    """Return whether a file has the mark, whatever logs are beside it.

    Through SQLite: closing a file that was opened otherwise would release the locks that other
    connections of this process hold on it.
    """
    try:
        uri = read_only_uri(path, "immutable=1")  # reads the file itself, without its logs
        with closing(sqlite3.connect(uri, uri=True)) as connection:
            return _application_id(connection) == BACKUP_APPLICATION_ID
    except (sqlite3.Error, UnicodeDecodeError):  # missing, unreadable or damaged
        return False


def check_mark(path: Path, name: str) -> bool:
    """Return whether a file has the mark.

    Args:
        path: a database.
        name: its name for error messages.

    Raises:
        StoreUnusableError: it has the mark, and the log of another database is beside it.
    """
    # The logs first: another process creates its log only after it has removed the mark.
    logs = [log for suffix in ("-wal", "-journal") if (log := log_file(path, suffix)).exists()]
    marked = is_marked(path)
    if marked and logs:
        raise StoreUnusableError(
            f"The database {name} is a backup, and {logs[0].name} beside it is the log of the "
            "database that was there before; put the backup in its place with "
            f"`memoryos restore BACKUP --data FILE`, where FILE is the path of {name}"
        )
    return marked


def add_mark(connection: sqlite3.Connection) -> None:
    """Mark a database as a backup."""
    connection.execute(f"PRAGMA application_id = {BACKUP_APPLICATION_ID}")


def remove_mark(connection: sqlite3.Connection) -> None:
    """Remove the mark, unless another process does so.

    The change is within the first sector of the file, which is written whole or not at all. So it
    needs no journal, and leaves none that would be found beside a file with the mark.

    Args:
        connection: a connection in autocommit mode.

    Raises:
        sqlite3.OperationalError: another process has locked the file.
    """
    if connection.execute("PRAGMA journal_mode").fetchone()[0] == "wal":
        return
    connection.execute("PRAGMA journal_mode = MEMORY")
    connection.execute("BEGIN IMMEDIATE")
    try:
        if _application_id(connection) == BACKUP_APPLICATION_ID:
            connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise


def _application_id(connection: sqlite3.Connection) -> int:
    identifier: int = connection.execute("PRAGMA application_id").fetchone()[0]
    return identifier
