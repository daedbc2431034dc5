"""The files of a git revision."""

from __future__ import annotations

import contextlib
import subprocess
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator


class RevisionError(Exception):
    """The revision is unknown to git, or lacks a file."""


@contextlib.contextmanager
def files_of(root: Path, revision: str) -> Iterator[Path]:
    """Yield a folder with the files of a revision, or the work tree if no revision is named.

    Raises:
        RevisionError: The revision is unknown to git.
    """
    if not revision:
        yield root
        return
    with tempfile.TemporaryDirectory(prefix="memoryos-") as temporary:
        tree = _tree(root, revision)
        archive = Path(temporary, "files.tar")
        _git(root, "archive", "--format=tar", f"--output={archive}", tree)
        folder = Path(temporary, "files")
        folder.mkdir()
        subprocess.run(["tar", "-xf", str(archive), "-C", str(folder)], check=True)
        yield folder


def _tree(root: Path, revision: str) -> str:
    """Return the id of a revision's files."""
    try:
        # The error of a name that git doesn't know speaks of objects and paths.
        _git(root, "rev-parse", "--git-dir")
        return _git(root, "rev-parse", "--verify", "--end-of-options", f"{revision}^{{tree}}")
    except RevisionError as error:
        if "not a git repository" in str(error):
            raise RevisionError(f"{root} is not a git repository.") from None
        raise RevisionError(
            f"There is no revision {revision} in this repository; `git tag` lists its tags, and "
            "`git fetch --tags` gets those of the server."
        ) from None


def _git(root: Path, *arguments: str) -> str:
    command = ["git", "-C", str(root), *arguments]
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    except FileNotFoundError:
        raise RevisionError("git is not installed, which reads the files of a revision.") from None
    if done.returncode != 0:
        said = done.stderr.strip().removeprefix("fatal: ")
        raise RevisionError(said.splitlines()[0] if said else f"git failed: {arguments[0]}")
    return done.stdout.strip()
