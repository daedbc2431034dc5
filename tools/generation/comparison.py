"""Comparing what is committed with what the contract gives."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

Files = dict[str, bytes]

ORPHAN = "is not generated any more: delete it"
MISSING = "is missing"
DIFFERENT = "differs from what the contract gives"


def read_tree(folder: Path) -> Files:
    """Every file under a folder by its relative path, the interpreter's caches left out."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and "__pycache__" not in path.parts
    }


def differences(committed: Files, expected: Files) -> list[str]:
    """One line for each file that is an orphan, missing or different."""
    lines = []
    for name in sorted(committed.keys() | expected.keys()):
        if name not in expected:
            lines.append(f"{name} {ORPHAN}")
        elif name not in committed:
            lines.append(f"{name} {MISSING}")
        elif committed[name] != expected[name]:
            lines.append(f"{name} {DIFFERENT}")
    return lines
