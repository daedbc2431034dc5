"""The SDK before the last change of its transport, for comparison.

`before.json` holds the figures of the goals then. Bulk operations, whose speed depends on the
machine, are measured anew with the sources of that time, in the same rounds as with today's.
"""

from __future__ import annotations

import io
import json
import os
import subprocess
import tarfile
from functools import cache
from pathlib import Path
from typing import Any

from .environments import FOLDER, OWN_SOURCES, ROOT

__all__ = ["FILE", "shown", "source", "sources", "value"]

FILE = Path(__file__).with_name("before.json")


@cache
def _kept() -> dict[str, Any]:
    kept: dict[str, Any] = json.loads(FILE.read_text(encoding="utf-8"))
    return kept


def source() -> str:
    """Return where the figures come from."""
    return str(_kept()["source"])


def shown(title: str) -> str:
    """Return the figure of a goal with its quartiles, or an empty string if it was not measured."""
    return str(_kept()["goals"].get(title, {}).get("shown", ""))


def value(title: str) -> float:
    """Return the figure of a goal."""
    return float(_kept()["goals"][title]["value"])


def sources() -> str | None:
    """Return the folders with the sources of that time as PYTHONPATH; None without their commit."""
    commit: str = _kept()["commit"]
    folder = FOLDER / f"before-{commit[:12]}"
    if not folder.exists():
        command = ["git", "archive", "--format=tar", commit, "--", *OWN_SOURCES]
        archive = subprocess.run(command, cwd=ROOT, capture_output=True, check=False)
        if archive.returncode:  # a shallow clone, or no repository at all
            return None
        with tarfile.open(fileobj=io.BytesIO(archive.stdout)) as files:
            files.extractall(folder, filter="data")
    return os.pathsep.join(str(folder / name) for name in OWN_SOURCES)
