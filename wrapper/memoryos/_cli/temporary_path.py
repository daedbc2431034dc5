"""A path to a temporary file that no killed process leaves behind."""

from __future__ import annotations

import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import Generator

__all__ = ["temporary_path"]

_OPEN_FILES = Path("/proc/self/fd")


@contextmanager
def temporary_path(name: str) -> Generator[Path, None, None]:
    """Yield a path that this process can write to and read from, and delete the file at the end.

    On Linux, the path is a link to a file without a name: if the process is killed, the system
    deletes the memories in it.

    Args:
        name: The file name in the path, for error messages.
    """
    with tempfile.TemporaryDirectory(prefix="memoryos-") as folder:
        path = Path(folder, name)
        if not _OPEN_FILES.is_dir():
            yield path
            return
        with tempfile.TemporaryFile() as file:
            path.symlink_to(_OPEN_FILES / str(file.fileno()))
            yield path
