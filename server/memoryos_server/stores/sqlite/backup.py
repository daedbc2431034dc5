"""A copy of the database in one file of its own, made while others read and write."""

from __future__ import annotations

import os
import sqlite3
import tempfile
from contextlib import closing, suppress
from pathlib import Path
from typing import NamedTuple

from .schema import APPLICATION_ID

__all__ = ["Backup", "BackupError", "back_up"]

_PATIENCE_SECONDS = 10.0


class Backup(NamedTuple):
    """What a backup holds."""

    memories: int
    keys: int
    size: int


class BackupError(Exception):
    """Why there is no backup, in one helpful line. What was at the target before is untouched."""


def back_up(source: Path, target: Path, *, force: bool = False) -> Backup:
    """Copy a database to a file, and make sure that the copy is whole.

    The copy is of one moment, needs no other file beside it, and only this user can read it. It
    appears under its name when it has been checked, or not at all.

    Args:
        source: the database; it may be in use.
        target: the file to make.
        force: whether a file that is there may be replaced.

    Raises:
        BackupError: the source is no database of ours or is damaged, or the target can't be made.
    """
    if not source.is_file():
        raise BackupError(f"there is no file {source}")
    if target.exists() and not force:
        raise BackupError(f"{target} exists; to replace it, add --force")
    if target.exists() and target.samefile(source):
        raise BackupError(f"{target} is the database itself")
    try:
        return _made(source, target, force=force)
    except FileExistsError:
        raise BackupError(f"{target} exists; to replace it, add --force") from None
    except (OSError, sqlite3.Error) as error:
        raise BackupError(f"can't copy {source} to {target}: {error}") from error


def _made(source: Path, target: Path, *, force: bool) -> Backup:
    # Beside the target, so that renaming it is all that is left to do when it has been checked.
    handle, name = tempfile.mkstemp(prefix=f".{target.name}.", dir=target.parent)
    os.close(handle)
    copy = Path(name)
    try:
        _copy(source, copy)
        backup = _checked(copy, source)
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
    with closing(sqlite3.connect(source, timeout=_PATIENCE_SECONDS)) as reading:
        reading.execute("PRAGMA query_only = ON")
        if reading.execute("PRAGMA application_id").fetchone()[0] != APPLICATION_ID:
            raise BackupError(f"{source} was not made by Memory OS")
        with closing(sqlite3.connect(copy)) as writing:
            # All pages in one step, so that no writer can make it begin again.
            reading.backup(writing)
            # A log beside it would be a second file that belongs to the backup.
            writing.execute("PRAGMA journal_mode = DELETE")


def _checked(copy: Path, source: Path) -> Backup:
    with closing(sqlite3.connect(copy)) as connection:
        said = connection.execute("PRAGMA integrity_check").fetchone()[0]
        if said != "ok" or connection.execute("PRAGMA foreign_key_check").fetchone():
            raise BackupError(f"{source} is damaged, and so would its copy be: {said}")
        memories = connection.execute("SELECT count(*) FROM memories").fetchone()[0]
        keys = connection.execute("SELECT count(*) FROM keys").fetchone()[0]
    return Backup(memories, keys, copy.stat().st_size)


def _sync(path: Path) -> None:
    """Have the disk hold what was written, so that a power failure does not take it."""
    if os.name == "nt" and path.is_dir():  # Windows has no such thing for folders
        return
    handle = os.open(path, os.O_RDONLY if path.is_dir() else os.O_RDWR)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
