"""Backup of a SQLite database into one file, while it is in use."""

from __future__ import annotations

import os
import sqlite3
import stat
import tempfile
from contextlib import closing, suppress
from pathlib import Path
from typing import NamedTuple

from .schema import APPLICATION_ID

__all__ = ["SOURCE_LOCK_TIMEOUT_SECONDS", "Backup", "BackupError", "back_up"]

SOURCE_LOCK_TIMEOUT_SECONDS = 10.0
"""How long a backup waits for a lock on the database."""


class Backup(NamedTuple):
    """The contents of a backup, and its size in bytes."""

    memories: int
    keys: int
    size: int


class BackupError(Exception):
    """The backup failed; the message says why. A file that was at the target is unchanged."""


def back_up(source: Path, target: Path, *, force: bool = False) -> Backup:
    """Copy a database to a file, and check the integrity of the copy.

    The copy is a consistent snapshot in one file that only this user can read. It gets its name
    only after it has passed the check. A symbolic link stays, and the file that it leads to is
    created or replaced.

    Args:
        source: the database; it may be in use.
        target: the file to create.
        force: whether an existing file may be replaced.

    Raises:
        BackupError: the source is damaged or not from Memory OS, or the target can't be created.
    """
    try:
        _check_paths(source, target, force=force)
        return _create(source, Path(os.path.realpath(target)), force=force)
    except FileExistsError:
        raise BackupError(f"{target} exists; to replace it, add --force") from None
    except (OSError, sqlite3.Error) as error:
        reason = (error.strerror if isinstance(error, OSError) else None) or error
        raise BackupError(f"can't copy {source} to {target}: {reason}") from error


def _check_paths(source: Path, target: Path, *, force: bool) -> None:
    if not stat.S_ISREG(_mode(source)):
        is_folder = stat.S_ISDIR(_mode(source))
        raise BackupError(f"{source} is a folder" if is_folder else f"there is no file {source}")
    if stat.S_ISDIR(_mode(target)):
        raise BackupError(f"{target} is a folder; name a file in it")
    folder = (Path(os.path.realpath(target)) if target.is_symlink() else target).parent
    if not _mode(folder):
        raise BackupError(f"there is no folder {folder}; create it first")
    if not _mode(target):
        return
    if not stat.S_ISREG(_mode(target)):
        raise BackupError(f"{target} is not a regular file; a backup can't be written to it")
    if not force:
        raise BackupError(f"{target} exists; to replace it, add --force")
    if target.samefile(source):
        raise BackupError(f"{target} is the database itself; name another file")


def _mode(path: Path) -> int:
    """Return the type and permissions of a file or folder; 0 if there is none.

    Unlike `Path.is_file`, which reports any error as a missing file in recent Python versions.

    Raises:
        OSError: The path can't be examined.
    """
    try:
        return path.stat().st_mode
    except (FileNotFoundError, NotADirectoryError):
        return 0


def _create(source: Path, target: Path, *, force: bool) -> Backup:
    # In the same folder, so that the checked copy can be renamed to the target.
    handle, name = tempfile.mkstemp(prefix=f".{target.name}.", dir=target.parent)
    os.close(handle)
    copy = Path(name)
    try:
        _copy(source, copy)
        backup = _check(copy, source)
        _sync(copy)
        if not force:
            os.close(os.open(target, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
        copy.replace(target)
    except BaseException:
        with suppress(FileNotFoundError):
            copy.unlink()
        raise
    _sync(target.parent)
    return backup


def _copy(source: Path, copy: Path) -> None:
    with closing(sqlite3.connect(source, timeout=SOURCE_LOCK_TIMEOUT_SECONDS)) as reading:
        reading.execute("PRAGMA query_only = ON")
        if reading.execute("PRAGMA application_id").fetchone()[0] != APPLICATION_ID:
            raise BackupError(f"{source} was not made by Memory OS")
        with closing(sqlite3.connect(copy)) as writing:
            # All pages in one step: a write between two steps would restart the backup.
            reading.backup(writing)
            # A backup in WAL mode could consist of several files.
            writing.execute("PRAGMA journal_mode = DELETE")


def _check(copy: Path, source: Path) -> Backup:
    with closing(sqlite3.connect(copy)) as connection:
        result = connection.execute("PRAGMA integrity_check").fetchone()[0]
        if result != "ok" or connection.execute("PRAGMA foreign_key_check").fetchone():
            raise BackupError(f"{source} is damaged, and so would be its copy: {result}")
        memories = connection.execute("SELECT count(*) FROM memories").fetchone()[0]
        keys = connection.execute("SELECT count(*) FROM keys").fetchone()[0]
    return Backup(memories, keys, copy.stat().st_size)


def _sync(path: Path) -> None:
    """Flush a file or folder to the disk, so that it survives a power failure."""
    if os.name == "nt" and path.is_dir():  # Windows can't flush folders
        return
    handle = os.open(path, os.O_RDONLY if path.is_dir() else os.O_RDWR)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
