"""The files of a SQLite database: the database itself, its logs, and what this user may do."""

from __future__ import annotations

import os
from pathlib import Path

__all__ = [
    "LOG_SUFFIXES",
    "can_write",
    "existing_logs",
    "identity",
    "log_file",
    "read_only_uri",
    "sync",
]

LOG_SUFFIXES = ("-wal", "-shm", "-journal")
"""What SQLite adds to the name of a database: write-ahead log, its index, rollback journal."""


def log_file(path: Path, suffix: str) -> Path:
    """Return the path of a log of the database `path`, through symbolic links as SQLite does."""
    return Path(os.path.realpath(path) + suffix)


def existing_logs(path: Path) -> list[Path]:
    """Return the logs that are beside the database `path`."""
    return [file for suffix in LOG_SUFFIXES if (file := log_file(path, suffix)).exists()]


def can_write(path: Path) -> bool:
    """Return whether this user can write to an existing database.

    SQLite needs to write the file, and its write-ahead log and that log's index beside it. These
    exist while another program has the database open.
    """
    if not os.access(path, os.W_OK):
        return False
    if os.access(Path(os.path.realpath(path)).parent, os.W_OK):
        return True
    return all(os.access(log_file(path, suffix), os.W_OK) for suffix in ("-wal", "-shm"))


def identity(path: Path) -> tuple[int, int] | None:
    """Return what distinguishes a file from another one at the same path; None if it is missing."""
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_dev, status.st_ino


def read_only_uri(path: Path, *parameters: str) -> str:
    """Return the URI that opens `path` for reading, with more parameters such as `immutable=1`."""
    return f"{path.absolute().as_uri()}?{'&'.join(('mode=ro', *parameters))}"


def sync(path: Path) -> None:
    """Flush a file or folder to the disk, so that it survives a power failure."""
    if os.name == "nt" and path.is_dir():  # Windows can't flush folders
        return
    handle = os.open(path, os.O_RDONLY if path.is_dir() else os.O_RDWR)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
