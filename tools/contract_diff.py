"""Reports the changes of the contract between two revisions, and whether they break users.

usage: python tools/contract_diff.py --base REVISION [--head REVISION] [--format text|json]

Without --head it compares the work tree. The exit status is 1 if a change breaks users, and 2 if a
revision or a contract can't be read.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from contract_changes import report as reports
from contract_changes.full_report import report
from generation import contract as contracts
from revision import RevisionError, files_of

if TYPE_CHECKING:
    from collections.abc import Sequence

ROOT = Path(__file__).resolve().parent.parent
CONTRACT = "openapi.yaml"
FORMATS = {"text": reports.as_text, "json": reports.as_json}


def main(arguments: Sequence[str] | None = None, root: Path = ROOT) -> int:
    """Print the report; return 0 if nothing breaks, 1 if something does, 2 on an error."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--base", required=True, help="the git revision to compare with")
    parser.add_argument("--head", default="", help="the git revision (default: the work tree)")
    parser.add_argument("--format", choices=FORMATS, default="text")
    options = parser.parse_args(arguments)
    if not options.base:
        print("--base must name a git revision; it is empty.", file=sys.stderr)
        return 2
    try:
        with files_of(root, options.base) as base, files_of(root, options.head) as head:
            old, new = _contract(base, options.base), _contract(head, options.head)
            found = report(old, new, head)
    except (RevisionError, contracts.ContractError) as error:
        print(error, file=sys.stderr)
        return 2
    except SyntaxError as error:
        print(f"{error.filename}:{error.lineno}: {error.msg}", file=sys.stderr)
        return 2
    print(FORMATS[options.format](found))
    return 1 if found.breaks else 0


def _contract(files: Path, revision: str) -> contracts.Json:
    path = files / CONTRACT
    if not path.exists():
        raise RevisionError(f"{revision or 'The work tree'} has no {CONTRACT}.")
    try:
        return contracts.load(path)
    except contracts.ContractError as error:
        prefix = f"{revision}:" if revision else ""
        raise contracts.ContractError(f"{prefix}{error}") from None


if __name__ == "__main__":
    sys.exit(main())
