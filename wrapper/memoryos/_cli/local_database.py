"""The database file of the local Memory OS, for commands that must not create it."""

from __future__ import annotations

import stat
from pathlib import Path
from typing import Callable, Optional

__all__ = ["IN_MEMORY", "MissingDatabaseError", "default_path", "existing_path"]

IN_MEMORY = ":memory:"
"""The path of a Memory OS in memory."""


class MissingDatabaseError(Exception):
    """The database file doesn't exist. The message names the nearest one."""


def existing_path(
    path: Optional[str], note: Callable[[str], object] = lambda _: None
) -> Optional[str]:
    """Return the path of an existing database, or one in memory in place of the default.

    Before the first memory is stored, there is no default file. A command that only reads then
    works on an empty database in memory, and creates no file. An empty file is not changed either.

    Args:
        path: Database file, `IN_MEMORY`, or None for the default file.
        note: Called with a hint for the user, if there is no default file.

    Raises:
        MissingDatabaseError: A file was named that doesn't exist.
    """
    file = default_path() if path is None else Path(path)
    if file is None or path == IN_MEMORY:
        return path
    try:
        status = file.stat()
    except (FileNotFoundError, NotADirectoryError):
        if path is None:
            note(f"There is no file {file} yet; `memoryos create --local` creates it.")
            return IN_MEMORY
        from memoryos_server.commands.suggestions import missing_file

        raise MissingDatabaseError(missing_file(path)) from None
    is_empty = stat.S_ISREG(status.st_mode) and not status.st_size
    return IN_MEMORY if is_empty else path


def default_path() -> Optional[Path]:
    """Return the default database file; None if the local Memory OS is not installed."""
    try:
        from memoryos_server.commands.store_options import data_path

        return Path(data_path(None))
    except ImportError:  # opening the client reports what is missing
        return None
