"""File names given on the command line."""

from __future__ import annotations

from pathlib import Path

__all__ = ["expand_user"]


def expand_user(given: str) -> str:
    """Return a file name with `~` expanded, where it names a user's folder."""
    try:
        return str(Path(given).expanduser()) if given else given
    except RuntimeError:  # there is no such user
        return given
