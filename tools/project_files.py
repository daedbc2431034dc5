"""The files of the project, in a clone or in an unpacked archive."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).resolve().parent.parent

# The folders that .gitignore names, and git's own.
_MADE_BY_TOOLS = {".git", "__pycache__", "node_modules", "dist", "build"}
_MADE_BY_TOOLS |= {".nox", ".mypy_cache", ".pytest_cache", ".ruff_cache", ".hypothesis"}


def project_files(root: Path = ROOT) -> Iterator[Path]:
    """Yield the path of every file of the project below `root`."""
    for folder, subfolders, names in os.walk(root):
        subfolders[:] = sorted(name for name in subfolders if not _is_made_by_tools(name))
        yield from (Path(folder, name) for name in sorted(names) if name != ".git")


def text_of(path: Path) -> str:
    """Return the file's text, or an empty string for a binary file."""
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        return ""


def _is_made_by_tools(folder: str) -> bool:
    return folder in _MADE_BY_TOOLS or folder.startswith(".venv") or folder.endswith(".egg-info")
