"""The state of the git repository that a release is made from."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

from plurals import plural

if TYPE_CHECKING:
    from pathlib import Path

_MAX_SHOWN = 5
_SHIPPED = ("wrapper", "generated", "server", "pyproject.toml")


def problems(root: Path, version: str) -> list[str]:
    """Return what keeps the committed files from being released as `version`."""
    status = _git(root, "status", "--porcelain", "--untracked-files=all")
    if status is None:
        return [f"{root} is not a git repository, so that no commit can be released."]
    return [*_uncommitted(status), *_tagged(root, version)]


def has_changed_since(root: Path, tag: str) -> bool:
    """Return whether any file of the package differs from that of a tag."""
    changed = _git(root, "diff", "--name-only", tag, "--", *_SHIPPED)
    return bool(changed)


def _uncommitted(status: str) -> list[str]:
    files = [line[3:] for line in status.splitlines()]
    if not files:
        return []
    shown = ", ".join(files[:_MAX_SHOWN]) + (", …" if len(files) > _MAX_SHOWN else "")
    has = "is" if len(files) == 1 else "are"
    return [f"{plural(len(files), 'file')} {has} not committed: commit, ignore or remove {shown}."]


def _tagged(root: Path, version: str) -> list[str]:
    tag = f"v{version}"
    commit = _git(root, "rev-parse", "--verify", "--quiet", f"refs/tags/{tag}^{{commit}}")
    if not commit or commit == _git(root, "rev-parse", "HEAD"):
        return []
    return [
        f"The tag {tag} is at another commit: raise the version in wrapper/memoryos/_version.py."
    ]


def _git(root: Path, *arguments: str) -> str | None:
    """Return the output of git; None if it fails or is not installed."""
    # quotePath: names are shown as they are.
    command = ["git", "-C", str(root), "-c", "core.quotePath=false", *arguments]
    try:
        done = subprocess.run(
            command, capture_output=True, text=True, errors="replace", check=False
        )
    except FileNotFoundError:
        return None
    return done.stdout.rstrip("\n") if done.returncode == 0 else None
