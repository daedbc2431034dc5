"""Backup of a SQLite database into one file, while it is in use."""

from __future__ import annotations

import os
import sqlite3
import stat
import tempfile
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from .backup_mark import APPLICATION_ID, BACKUP_APPLICATION_ID, add_mark, check_mark
from .error_translation import StoreUnusableError
from .exclusive_use import InUseError, replace_file
from .files import can_write, existing_logs, read_only_uri, sync
from .owners import count_by_owner
from .read_only import ReadOnlyFile

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

__all__ = [
    "SOURCE_LOCK_TIMEOUT_SECONDS",
    "Backup",
    "BackupError",
    "back_up",
    "back_up_store",
    "check_source",
    "checked_copy",
    "count_contents",
    "file_mode",
    "is_whole",
    "open_source",
]

SOURCE_LOCK_TIMEOUT_SECONDS = 10.0
"""How long a copy waits for a lock on the database."""

# The header of a SQLite file: https://sqlite.org/fileformat2.html#the_database_header
_HEADER_BYTES = 100
_PAGE_SIZE, _PAGE_COUNT = slice(16, 18), slice(28, 32)


class BackupError(Exception):
    """A backup or its restoration failed; the message says why. No file was changed."""


class Backup(NamedTuple):
    """The contents of a backup, and its size in bytes."""

    memories: int
    keys: int
    size: int


def back_up(source: Path, target: Path, *, force: bool = False) -> Backup:
    """Copy a database to a file, and check the integrity of the copy.

    The copy is a consistent snapshot in one file that only this user can read. It gets its name
    only after it has passed the check. A symbolic link stays, and the file that it leads to is
    created or replaced.

    Args:
        source: the database; it may be in use.
        target: the file to create.
        force: whether an existing file may be replaced. A database with a log never is.

    Raises:
        BackupError: the source is damaged or not from Memory OS, or the target can't be created.
    """
    with _reported(str(source), target):
        check_source(source)
        _check_target(target, source, force=force)
        with checked_copy(source, Path(os.path.realpath(target))) as copied:
            return _put_in_place(*copied, target, force=force)


def back_up_store(
    fill: Callable[[Path], object], name: str, target: Path, *, force: bool = False
) -> Backup:
    """Like `back_up`, but of another store than a file.

    Args:
        fill: stores its contents in an empty file.
        name: its name for error messages.
        target: the file to create.
        force: whether an existing file may be replaced.

    Raises:
        BackupError: the target can't be created.
    """
    with _reported(name, target):
        _check_target(target, None, force=force)
        with _new_file(Path(os.path.realpath(target))) as copy:
            fill(copy)
            with closing(sqlite3.connect(copy)) as connection:
                _mark(connection)
            contents = _check(copy, name)
            sync(copy)
            return _put_in_place(copy, contents, target, force=force)


@contextmanager
def _reported(source: str, target: Path) -> Iterator[None]:
    """Raise a `BackupError` for an error of the system during the block."""
    try:
        yield
    except FileExistsError:
        raise BackupError(f"{target} exists; to replace it, add --force") from None
    except InUseError:
        raise BackupError(
            f"{target} is a database that a program has open; name another file"
        ) from None
    except (OSError, sqlite3.Error) as error:
        reason = (error.strerror if isinstance(error, OSError) else None) or error
        raise BackupError(f"can't copy {source} to {target}: {reason}") from error


def _check_target(target: Path, source: Path | None, *, force: bool) -> None:
    if stat.S_ISDIR(file_mode(target)):
        raise BackupError(f"{target} is a folder; name a file in it")
    folder = (Path(os.path.realpath(target)) if target.is_symlink() else target).parent
    if not file_mode(folder):
        raise BackupError(f"there is no folder {folder}; create it first")
    if file_mode(target):
        _check_replaceable(target, source, force=force)
    _check_no_logs(target)


def _check_replaceable(target: Path, source: Path | None, *, force: bool) -> None:
    if not stat.S_ISREG(file_mode(target)):
        raise BackupError(f"{target} is not a regular file; a backup can't be written to it")
    if not force:
        raise BackupError(f"{target} exists; to replace it, add --force")
    if source is not None and target.samefile(source):
        raise BackupError(f"{target} is the database itself; name another file")


def _check_no_logs(target: Path) -> None:
    logs = existing_logs(target)
    if logs:
        raise BackupError(
            f"{target} has a log, {logs[0].name}, so it is a database in use or one that was not "
            "closed; name another file, or replace the database with memoryos restore"
        )


def _put_in_place(copy: Path, contents: Backup, target: Path, *, force: bool) -> Backup:
    target = Path(os.path.realpath(target))
    if not force:
        os.close(os.open(target, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    _check_no_logs(target)
    if target.exists():
        replace_file(copy, target)
    else:
        copy.replace(target)
    sync(target.parent)
    return contents


def file_mode(path: Path) -> int:
    """Return the type and permissions of a file or folder; 0 if there is none.

    Unlike `Path.is_file`, which reports any error as a missing file in recent Python versions.

    Raises:
        OSError: The path can't be examined.
    """
    try:
        return path.stat().st_mode
    except (FileNotFoundError, NotADirectoryError):
        return 0


def is_whole(backup: Path) -> bool:
    """Return whether a backup has all the pages that its header counts; a cut one lacks some.

    Raises:
        OSError: the file can't be read.
    """
    with backup.open("rb") as file:
        header = file.read(_HEADER_BYTES)
        size = file.seek(0, os.SEEK_END)
    page_size, pages = (int.from_bytes(header[at], "big") for at in (_PAGE_SIZE, _PAGE_COUNT))
    return len(header) == _HEADER_BYTES and size >= page_size * pages


def check_source(source: Path) -> None:
    """Check that a database to copy is a file.

    Raises:
        BackupError: it is not.
    """
    if not stat.S_ISREG(file_mode(source)):
        is_folder = stat.S_ISDIR(file_mode(source))
        raise BackupError(f"{source} is a folder" if is_folder else f"there is no file {source}")


@contextmanager
def checked_copy(
    source: Path, target: Path, *, ignore_logs: bool = False
) -> Iterator[tuple[Path, Backup]]:
    """Copy a database within the block, to a file beside `target` with a name of its own.

    The copy is a consistent snapshot that has passed SQLite's checks, and has the mark of a backup.
    The block renames it to `target`; else it is removed.

    Args:
        source: the database; it may be in use.
        target: the file that the copy will become, not a symbolic link.
        ignore_logs: whether `source` is a backup, which is whole without the logs beside it.

    Raises:
        BackupError: the source is damaged or not from Memory OS.
    """
    with _new_file(target) as copy:
        try:
            _copy(source, copy, ignore_logs)
        except StoreUnusableError as error:
            raise BackupError(error.message) from error
        contents = _check(copy, str(source))
        sync(copy)
        yield copy, contents


@contextmanager
def _new_file(target: Path) -> Iterator[Path]:
    """Create a file beside `target`, and remove it after the block unless it was renamed."""
    handle, name = tempfile.mkstemp(prefix=f".{target.name}.", dir=target.parent)
    os.close(handle)
    file = Path(name)
    try:
        yield file
    finally:
        for each in (file, *existing_logs(file)):
            with suppress(FileNotFoundError):
                each.unlink()


def _copy(source: Path, copy: Path, ignore_logs: bool) -> None:
    with closing(open_source(source, ignore_logs=ignore_logs)) as reading:
        identifier = reading.execute("PRAGMA application_id").fetchone()[0]
        if identifier not in (APPLICATION_ID, BACKUP_APPLICATION_ID):
            raise BackupError(f"{source} was not made by Memory OS")
        with closing(sqlite3.connect(copy)) as writing:
            # All pages in one step: a write between two steps would restart the copy.
            reading.backup(writing)
            _mark(writing)


def _mark(connection: sqlite3.Connection) -> None:
    # A copy in WAL mode could consist of several files.
    connection.execute("PRAGMA journal_mode = DELETE")
    # A restored copy is another store, whose backups don't take the place of these.
    connection.execute("DELETE FROM settings WHERE name = 'id'")
    connection.commit()
    add_mark(connection)


def open_source(source: Path, *, ignore_logs: bool = False) -> sqlite3.Connection:
    """Return a connection that only reads a database, which may be in use.

    Args:
        source: the database.
        ignore_logs: whether the file is a backup that lies beside the logs of another database.
    """
    if ignore_logs or check_mark(source, source.name):
        return sqlite3.connect(read_only_uri(source, "immutable=1"), uri=True)
    if not can_write(source):
        return ReadOnlyFile(source, source.name).connect(timeout=SOURCE_LOCK_TIMEOUT_SECONDS)
    # Absolute: SQLite reads a name that begins with `file:` as a URI.
    connection = sqlite3.connect(source.absolute(), timeout=SOURCE_LOCK_TIMEOUT_SECONDS)
    connection.execute("PRAGMA query_only = ON")
    return connection


def _check(copy: Path, source: str) -> Backup:
    with closing(sqlite3.connect(copy)) as connection:
        result = connection.execute("PRAGMA integrity_check").fetchone()[0]
        if result != "ok" or connection.execute("PRAGMA foreign_key_check").fetchone():
            raise BackupError(f"{source} is damaged, and so would be its copy: {result}")
        return count_contents(connection, copy)


def count_contents(connection: sqlite3.Connection, path: Path) -> Backup:
    """Return the contents of a database that is open."""
    memories = sum(count_by_owner(connection).values())
    keys = connection.execute("SELECT count(*) FROM keys").fetchone()[0]
    return Backup(memories, keys, path.stat().st_size)
