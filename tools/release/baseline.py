"""The last release: its tag, or the stored snapshot if there is no tag."""

from __future__ import annotations

import json
import subprocess
from typing import TYPE_CHECKING, NamedTuple

from release import changelog, surface

if TYPE_CHECKING:
    from pathlib import Path

    from release.surface import Surface

SNAPSHOT = "tools/release/surface.json"
_TAGS = "v*"


class Baseline(NamedTuple):
    """The public surface and the changelog of the last release."""

    name: str
    surface: Surface
    entries: list[str]


def last_tag(root: Path) -> str | None:
    """Return the last version tag before this commit, or None."""
    command = ["git", "-C", str(root), "describe", "--tags", "--abbrev=0", "--match", _TAGS]
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    except FileNotFoundError:
        return None
    return done.stdout.strip() if done.returncode == 0 else None


def of_files(name: str, root: Path) -> Baseline:
    """Return the surface and the changelog of the files at `root`."""
    text = (root / "CHANGELOG.md").read_text(encoding="utf-8")
    return Baseline(name, surface.read(root), changelog.entries(text))


def stored(root: Path) -> Baseline:
    """Return the snapshot that is stored in the project at `root`."""
    return Baseline(**json.loads((root / SNAPSHOT).read_text(encoding="utf-8")))


def store(root: Path, baseline: Baseline) -> None:
    """Store a snapshot in the project at `root`."""
    text = json.dumps(baseline._asdict(), ensure_ascii=False, indent=1)
    (root / SNAPSHOT).write_text(f"{text}\n", encoding="utf-8")
