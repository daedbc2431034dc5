"""Exclusive use of a database file while another file takes its place."""

from __future__ import annotations

import os
import sqlite3
import tempfile
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from .files import LOG_SUFFIXES

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["InUseError", "check_unused", "replace_file"]


class InUseError(Exception):
    """A program has the database open."""


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    """Lock a database within the block, so that no other connection can read or write it.

    The file is opened by a second name, a hard link: locks belong to the file, but SQLite looks for
    logs beside the name. So it neither reads the database's own logs nor removes them.

    Raises:
        InUseError: a connection of this or another process has the database open.
    """
    with _second_name(path) as name:
        connection = sqlite3.connect(name, timeout=0, isolation_level=None)
        try:
            try:
                connection.execute("PRAGMA locking_mode = EXCLUSIVE").fetchone()
                connection.execute("BEGIN EXCLUSIVE")
            except sqlite3.OperationalError as error:
                if "locked" in str(error):
                    raise InUseError from None
                if os.access(path, os.W_OK):  # a file that can't be written can't be locked
                    raise
            except sqlite3.DatabaseError:  # not a database, so no program has it open as one
                pass
            yield
        finally:
            connection.close()


@contextmanager
def _second_name(path: Path) -> Iterator[Path]:
    handle, name = tempfile.mkstemp(prefix=f".{path.name}.", suffix=".lock", dir=path.parent)
    os.close(handle)
    link = Path(name)
    try:
        link.unlink()
        try:
            os.link(path, link)
        except OSError:  # a file system without hard links
            yield path
        else:
            yield link
    finally:
        for file in (link, *(Path(name + suffix) for suffix in LOG_SUFFIXES)):
            with suppress(FileNotFoundError):
                file.unlink()


def check_unused(path: Path) -> None:
    """Check that no program has a database open.

    Raises:
        InUseError: one has.
    """
    with _locked(path):
        pass


def replace_file(new: Path, path: Path) -> None:
    """Put the file `new` in the place of the database `path`, and remove the database's logs.

    Args:
        new: a file in the same folder, with the mark of a backup: if this process is killed before
            it has removed the logs, the mark prevents their use.
        path: the database.

    Raises:
        InUseError: a program has the database open.
    """
    with _locked(path):
        if os.name != "nt":
            new.replace(path)
            _remove_logs(path)
            return
    new.replace(path)  # Windows replaces no open file
    _remove_logs(path)


def _remove_logs(path: Path) -> None:
    for suffix in LOG_SUFFIXES:
        with suppress(FileNotFoundError):
            Path(f"{path}{suffix}").unlink()
