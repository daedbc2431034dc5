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
        archive = Path(temporary, "files.tar")
        _git(root, "archive", "--format=tar", f"--output={archive}", revision)
        folder = Path(temporary, "files")
        folder.mkdir()
        subprocess.run(["tar", "-xf", str(archive), "-C", str(folder)], check=True)
        yield folder


def _git(root: Path, *arguments: str) -> None:
    command = ["git", "-C", str(root), *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise RevisionError(done.stderr.strip())
