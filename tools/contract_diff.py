"""Says what changed in the contract between two revisions, and whether it breaks users.

usage: python tools/contract_diff.py --base REVISION [--head REVISION] [--format text|json]

Without --head the files of the work tree are compared. The exit status is 1 where a change breaks
users, 2 where a revision or a contract can't be read.
"""

from __future__ import annotations

import argparse
import contextlib
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from contract_changes import report as reports
from contract_changes.follow_up import report
from generation import contract as contracts

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

ROOT = Path(__file__).resolve().parent.parent
CONTRACT = "openapi.yaml"
FORMATS = {"text": reports.as_text, "json": reports.as_json}


class RevisionError(Exception):
    """Git does not know the revision, or it has no contract."""


def main(arguments: Sequence[str] | None = None, root: Path = ROOT) -> int:
    """Print the difference; 0 where nothing breaks, 1 where something does, 2 on a mistake."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--base", required=True, help="the git revision to compare with")
    parser.add_argument("--head", default="", help="the git revision (default: the work tree)")
    parser.add_argument("--format", choices=FORMATS, default="text")
    options = parser.parse_args(arguments)
    try:
        with _files(root, options.base) as base, _files(root, options.head) as head:
            old, new = (contracts.load(folder / CONTRACT) for folder in (base, head))
            found = report(old, new, head)
    except (RevisionError, contracts.ContractError, SyntaxError) as error:
        print(error, file=sys.stderr)
        return 2
    print(FORMATS[options.format](found))
    return 1 if found.breaks else 0


@contextlib.contextmanager
def _files(root: Path, revision: str) -> Iterator[Path]:
    """A folder with the files of a revision; those of the work tree where none is named."""
    if not revision:
        yield root
        return
    with tempfile.TemporaryDirectory(prefix="memoryos-") as temporary:
        archive = Path(temporary, "files.tar")
        _git(root, "archive", "--format=tar", f"--output={archive}", revision)
        folder = Path(temporary, "files")
        folder.mkdir()
        subprocess.run(["tar", "-xf", str(archive), "-C", str(folder)], check=True)
        if not (folder / CONTRACT).exists():
            raise RevisionError(f"{revision} has no {CONTRACT}.")
        yield folder


def _git(root: Path, *arguments: str) -> None:
    command = ["git", "-C", str(root), *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise RevisionError(done.stderr.strip())


if __name__ == "__main__":
    sys.exit(main())
