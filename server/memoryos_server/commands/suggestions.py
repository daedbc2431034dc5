"""Suggestions for mistyped commands, options and file names.

This module runs on Python 3.8 and imports no installed package.
"""

from __future__ import annotations

import os
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["closest", "closest_file", "did_you_mean", "missing_file"]

_SQLITE_HEADER = b"SQLite format 3\x00"
_MIN_SIMILARITY = 0.6


def closest(word: str, names: Iterable[str]) -> str | None:
    """Return the name that is most like a mistyped word; None if none is like it."""
    by_lower_case = {name.lower(): name for name in names}
    found = get_close_matches(word.lower(), by_lower_case, n=1, cutoff=_MIN_SIMILARITY)
    return by_lower_case[found[0]] if found else None


def did_you_mean(word: str, names: Iterable[str]) -> str:
    """Return `; did you mean NAME?`, or an empty text if no name is like the word."""
    name = closest(word, names)
    return "" if name is None else f"; did you mean {name}?"


def missing_file(file: str) -> str:
    """Return a sentence that says that a database file is missing, and names the nearest one."""
    nearest = closest_file(file)
    suggestion = "" if nearest is None else f"; did you mean {nearest}?"
    return f"there is no file {file}{suggestion}"


def closest_file(file: str) -> str | None:
    """Return the existing database whose path is most like that of a missing file.

    Each part of the path may be mistyped. A database that is the only one of its folder counts as
    similar to any name.
    """
    path = Path(os.path.abspath(Path(file).expanduser()))  # noqa: PTH100 - resolves no links
    folder = Path(path.anchor)
    for part in path.parts[1:-1]:
        inner = folder / part
        if not inner.is_dir():
            name = closest(part, _names(folder, folders=True))
            if name is None:
                return None
            inner = folder / name
        folder = inner
    names = _names(folder, folders=False)
    found = path.name if path.name in names else closest(path.name, names)
    if found is None and len(names) == 1:
        found = names[0]
    return None if found is None else str(folder / found)


def _names(folder: Path, *, folders: bool) -> list[str]:
    """Return the names of the folders, or of the SQLite databases, in a folder."""
    try:
        entries = sorted(folder.iterdir())
    except OSError:
        return []
    return [entry.name for entry in entries if (entry.is_dir() if folders else _is_sqlite(entry))]


def _is_sqlite(file: Path) -> bool:
    try:
        if not file.is_file():  # a named pipe would block
            return False
        with file.open("rb") as opened:
            return opened.read(len(_SQLITE_HEADER)) == _SQLITE_HEADER
    except OSError:
        return False
