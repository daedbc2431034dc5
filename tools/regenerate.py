"""Write everything that is derived from openapi.yaml, or check that it is up to date.

    python tools/regenerate.py            writes generated/ and the server's copy of the contract
    python tools/regenerate.py --check    writes nothing; fails where the committed files differ

Runs on Python 3.11 or newer, in an environment with requirements/generator.txt.
"""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
from pathlib import Path

from generation import environment, package
from generation.comparison import Files, differences, read_tree
from generation.contract import ContractError

ROOT = Path(__file__).resolve().parent.parent
GENERATED = "generated"
SERVER_CONTRACT = "server/memoryos_server/contract.json"


def expected_files(root: Path) -> Files:
    """What the contract at `root` gives, by path below it."""
    with tempfile.TemporaryDirectory(prefix=".regenerate-", dir=root) as temporary:
        folder = Path(temporary) / package.PACKAGE
        package.write(root, folder)
        files = read_tree(folder)
    placed = {f"{GENERATED}/{package.PACKAGE}/{name}": text for name, text in files.items()}
    return {**placed, SERVER_CONTRACT: files["contract.json"]}


def committed_files(root: Path) -> Files:
    """What lies there now, by path below `root`."""
    tree = {f"{GENERATED}/{name}": text for name, text in read_tree(root / GENERATED).items()}
    server = root / SERVER_CONTRACT
    return {**tree, SERVER_CONTRACT: server.read_bytes()} if server.exists() else tree


def write(root: Path, files: Files) -> None:
    """Put the files in place of the whole generated folder."""
    shutil.rmtree(root / GENERATED, ignore_errors=True)
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text)


def main(arguments: list[str] | None = None, root: Path = ROOT) -> int:
    """Run the command; 0 is success, 1 a difference or an error."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--check", action="store_true", help="compare, and write nothing")
    check = parser.parse_args(arguments).check
    try:
        environment.check(ROOT / "requirements" / "generator.txt")
        expected = expected_files(root)
    except (
        ContractError,
        environment.EnvironmentMismatchError,
        package.GenerationError,
    ) as error:
        print(error, file=sys.stderr)
        return 1
    found = differences(committed_files(root), expected)
    if check:
        return _report(found, len(expected))
    write(root, expected)
    print(f"{len(expected)} files written from openapi.yaml, {len(found)} of them changed.")
    return 0


def _report(found: list[str], count: int) -> int:
    if not found:
        print(f"All {count} generated files are what openapi.yaml gives.")
        return 0
    print("\n".join(found), file=sys.stderr)
    print("Run `make regenerate` and commit what it writes.", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main())
