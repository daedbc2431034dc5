"""Where memories are kept on this machine where nothing else is said."""

from __future__ import annotations

from pathlib import Path

__all__ = ["IN_MEMORY", "data_path", "default_data_path"]

IN_MEMORY = ":memory:"
"""What stands for a Memory OS that is kept on no disk, in place of a file."""


def default_data_path() -> Path:
    """Return the file in the user's data folder that `memoryos serve` and `MemoryOS.local()` share.

    Nothing is created.
    """
    # Late, so that the options of a command can be read without the extra.
    import platformdirs

    return platformdirs.user_data_path("memoryos", appauthor=False) / "memories.db"


def data_path(given: str | None) -> str:
    """Return the file that is meant by the option `--data`.

    Args:
        given: a path, in which `~` is this user's home; `IN_MEMORY`; or None for the default.
    """
    if given is None:
        return str(default_data_path())
    return given if given == IN_MEMORY else str(Path(given).expanduser().absolute())
