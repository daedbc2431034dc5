"""The default file of the local Memory OS."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

__all__ = ["IN_MEMORY", "data_path", "default_data_path"]

IN_MEMORY = ":memory:"
"""The path of a Memory OS in memory."""


def default_data_path() -> Path:
    """Return the file in the user's data folder that `memoryos serve` and `MemoryOS.local()` share.

    The file is not created.

    Raises:
        RuntimeError: This user has no home folder, such as in a service of systemd.
    """
    # Late, so that the options of a command can be read without the extra.
    import platformdirs

    # Without a home folder, newer releases raise the error, and older ones return a path with ~.
    with suppress(RuntimeError):
        path = platformdirs.user_data_path("memoryos", appauthor=False) / "memories.db"
        if path.is_absolute():
            return path
    raise RuntimeError("this user has no home folder, and XDG_DATA_HOME is not set")


def data_path(given: str | None) -> str:
    """Return the file for a value of the option `--data`.

    Args:
        given: a path, which may begin with `~`; `IN_MEMORY`; or None for the default.
    """
    if given is None:
        return str(default_data_path())
    return given if given == IN_MEMORY else str(Path(given).expanduser().absolute())
