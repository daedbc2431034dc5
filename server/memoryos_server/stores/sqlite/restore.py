"""Restoration of a backup: it takes the place of the database and of its logs.

A backup becomes the database in one rename, while no other program can use the old database. The
old database's log is first written into the database, so that a crash leaves either the old
database or the new one. If the log can't be used, as with a damaged database, it is removed after
the rename; until then, the mark of the backup prevents its use.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
import stat
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from .backup import (
    Backup,
    BackupError,
    check_source,
    checked_copy,
    count_contents,
    file_mode,
)
from .backup_mark import APPLICATION_ID, BACKUP_APPLICATION_ID, is_marked
from .exclusive_use import InUseError, check_unused, replace_file
from .files import existing_logs, read_only_uri, sync
from .schema import VERSIONS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

__all__ = ["Restoration", "restore"]


class Restoration(NamedTuple):
    """A restoration that has been prepared.

    Attributes:
        backup: the contents of the backup.
        replaced: the contents of the database that it replaces; None if that can't be read.
        replaces: whether there is a file that it replaces.
    """

    backup: Backup
    replaced: Backup | None
    replaces: bool


def restore(
    backup: Path, target: Path, confirm: Callable[[Restoration], bool]
) -> Restoration | None:
    """Replace a database with a backup. A symbolic link stays; its file is replaced.

    Args:
        backup: the backup, or another closed database of Memory OS.
        target: the database, which no program may have open.
        confirm: called after all checks; returns whether to go on.

    Returns:
        What was done; None if `confirm` returned False.

    Raises:
        BackupError: the backup is damaged or from another program, or a program has the database
            open. The database is unchanged.
    """
    try:
        _check_paths(backup, target)
        return _restore(backup, Path(os.path.realpath(target)), confirm)
    except InUseError:
        raise BackupError(
            f"a program has {target} open; stop the server, and other programs that use the file"
        ) from None
    except (OSError, sqlite3.Error) as error:
        reason = (error.strerror if isinstance(error, OSError) else None) or error
        raise BackupError(f"can't restore {backup} to {target}: {reason}") from error


def _check_paths(backup: Path, target: Path) -> None:
    check_source(backup)
    if stat.S_ISDIR(file_mode(target)):
        raise BackupError(f"{target} is a folder; name the file of the database")
    folder = Path(os.path.realpath(target)).parent
    if not file_mode(folder):
        raise BackupError(f"there is no folder {folder}; create it first")
    if not file_mode(target):
        return
    if not stat.S_ISREG(file_mode(target)):
        raise BackupError(f"{target} is not a regular file; nothing can be restored to it")
    # A backup that was copied over the database and its log is its own backup.
    if target.samefile(backup) and not is_marked(backup):
        raise BackupError(f"{backup} is the database itself; name a backup")


def _restore(
    backup: Path, target: Path, confirm: Callable[[Restoration], bool]
) -> Restoration | None:
    replaces = target.exists()
    if replaces:
        _check_program(target)
        check_unused(target)
    with checked_copy(backup, target, ignore_logs=is_marked(backup)) as (copy, contents):
        _check_version(copy, backup)
        restoration = Restoration(contents, _old_contents(target), replaces)
        if not confirm(restoration):
            return None
        if replaces:
            _keep_owner(copy, target)
        _put_in_place(copy, target, replaces=replaces)
        sync(target.parent)
    _check_restored(target, contents)
    return restoration


def _check_program(target: Path) -> None:
    """Check that a file is no sound database of another program, as after a mistyped name."""
    with suppress(sqlite3.Error, UnicodeDecodeError):  # damaged, so it may be replaced
        uri = read_only_uri(target, "immutable=1")
        with closing(sqlite3.connect(uri, uri=True)) as connection:
            identifier = connection.execute("PRAGMA application_id").fetchone()[0]
            has_tables = connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0] > 0
            if has_tables and identifier not in (APPLICATION_ID, BACKUP_APPLICATION_ID):
                raise BackupError(
                    f"{target} is the database of another program; name the file of the memories"
                )


def _check_version(copy: Path, backup: Path) -> None:
    with closing(sqlite3.connect(copy)) as connection:
        if connection.execute("PRAGMA user_version").fetchone()[0] > len(VERSIONS):
            raise BackupError(f"{backup} was written by a newer Memory OS; update this program")


def _put_in_place(copy: Path, target: Path, *, replaces: bool) -> None:
    if replaces:
        _empty_log(target)
        replace_file(copy, target)
        return
    if existing_logs(target):  # of a database that was deleted; nothing of it can be used
        for log in existing_logs(target):
            log.unlink()
        sync(target.parent)
    copy.replace(target)


@contextmanager
def _opened(target: Path) -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect(target, timeout=0, isolation_level=None)) as connection:
        if connection.execute("PRAGMA application_id").fetchone()[0] != APPLICATION_ID:
            raise sqlite3.DatabaseError
        yield connection


def _old_contents(target: Path) -> Backup | None:
    """Return the contents of the database to be replaced; None if they can't be read."""
    if not target.exists():
        return None
    try:
        if is_marked(target):
            uri = read_only_uri(target, "immutable=1")
            with closing(sqlite3.connect(uri, uri=True)) as connection:
                return count_contents(connection, target)
        with _opened(target) as connection:
            return count_contents(connection, target)
    except (sqlite3.Error, UnicodeDecodeError):
        return None


def _empty_log(target: Path) -> None:
    """Write the log of a sound database into it. SQLite removes the log as it closes."""
    if is_marked(target):  # the log is another database's
        return
    with suppress(sqlite3.Error, UnicodeDecodeError), _opened(target) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def _keep_owner(copy: Path, target: Path) -> None:
    """Give the new file the permissions and, if possible, the owner of the old one."""
    shutil.copymode(target, copy)
    if hasattr(os, "chown"):
        status = target.stat()
        with suppress(PermissionError):
            os.chown(copy, status.st_uid, status.st_gid)


def _check_restored(target: Path, expected: Backup) -> None:
    with closing(sqlite3.connect(read_only_uri(target, "immutable=1"), uri=True)) as connection:
        result = connection.execute("PRAGMA integrity_check").fetchone()[0]
        if result != "ok" or count_contents(connection, target) != expected:
            raise BackupError(f"{target} was replaced but is damaged now: check the disk")
