"""Write everything derived from the contracts, or check that it is up to date.

The contracts are openapi.yaml, and openapi-admin.yaml, which only the server needs.

    python tools/regenerate.py            writes it, and reports the changes of the contract
    python tools/regenerate.py --check    writes nothing; fails if the committed files differ

It writes generated/, the server's copies of both and its page /docs, docs/reference/ and the
synchronous client.
Runs on Python 3.11 or newer, in an environment with requirements/generator.txt.
"""

from __future__ import annotations

import argparse
import json
import shutil
import sys
import tempfile
from pathlib import Path

import sync_from_async
from contract_changes import report as reports
from contract_changes.full_report import report
from generation import contract as contracts
from generation import docs_page, environment, package, reference
from generation.comparison import Files, differences, read_tree
from plurals import plural
from wrapper_contract import source

ROOT = Path(__file__).resolve().parent.parent
GENERATED = "generated"
CONTRACT = f"{GENERATED}/{package.PACKAGE}/contract.json"
SERVER_CONTRACT = "server/memoryos_server/contract/contract.json"
ADMIN_CONTRACT = "server/memoryos_server/contract/admin.json"
SERVER_FILES = (SERVER_CONTRACT, ADMIN_CONTRACT, docs_page.PAGE)
FOLDERS = (GENERATED, reference.FOLDER)
"""The folders that hold nothing but what is generated."""


def expected_files(root: Path) -> Files:
    """Return the files derived from the contracts at `root`, by path below it."""
    contract = contracts.load(root / "openapi.yaml")
    admin = contracts.load(root / "openapi-admin.yaml")
    with tempfile.TemporaryDirectory(prefix=".regenerate-", dir=root) as temporary:
        folder = Path(temporary) / package.PACKAGE
        package.write(root, folder)
        files = read_tree(folder)
    wrapper = source.read(root)
    pages = reference.render(contract, wrapper)
    pages[reference.ADMIN_PAGE] = _admin_page(root / "openapi-admin.yaml", admin)
    return {
        **{f"{GENERATED}/{package.PACKAGE}/{name}": text for name, text in files.items()},
        **{f"{reference.FOLDER}/{name}": text.encode() for name, text in pages.items()},
        SERVER_CONTRACT: files["contract.json"],
        ADMIN_CONTRACT: contracts.as_json(admin).encode(),
        docs_page.PAGE: docs_page.render(contract, admin, wrapper).encode(),
    }


def _admin_page(path: Path, admin: contracts.Json) -> str:
    try:
        return reference.render_admin(admin)
    except contracts.ContractError as error:
        raise contracts.ContractError(contracts.with_line(path, str(error))) from None


def committed_files(root: Path) -> Files:
    """Return the present files, by path below `root`."""
    files = {
        f"{folder}/{name}": text
        for folder in FOLDERS
        for name, text in read_tree(root / folder).items()
    }
    copies = {name: root / name for name in SERVER_FILES}
    return {
        **files,
        **{name: path.read_bytes() for name, path in copies.items() if path.exists()},
    }


def write(root: Path, files: Files) -> None:
    """Replace the generated folders with these files."""
    for folder in FOLDERS:
        shutil.rmtree(root / folder, ignore_errors=True)
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text)


def main(arguments: list[str] | None = None, root: Path = ROOT) -> int:
    """Run the command; return 0 on success, 1 on a difference or an error."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--check", action="store_true", help="compare, and write nothing")
    parser.add_argument("--debug", action="store_true", help="show the traceback of an error")
    options = parser.parse_args(arguments)
    try:
        environment.check(ROOT / "requirements" / "generator.txt")
        return _check(root) if options.check else _regenerate(root)
    except contracts.ContractError as error:
        print(contracts.with_line(root / "openapi.yaml", str(error)), file=sys.stderr)
    except (
        environment.EnvironmentMismatchError,
        package.GenerationError,
    ) as error:
        print(error, file=sys.stderr)
    except SyntaxError as error:
        print(f"{error.filename}:{error.lineno}: {error.msg}", file=sys.stderr)
    except (LookupError, TypeError, AttributeError, ValueError, RecursionError) as error:
        if options.debug:
            raise
        cause = f"{type(error).__name__}: {error}"
        print(f"openapi.yaml has an unexpected form ({cause}); --debug shows more", file=sys.stderr)
    return 1


def _check(root: Path) -> int:
    expected = expected_files(root)
    found = differences(committed_files(root), expected)
    if not found:
        print(f"All {len(expected)} generated files are what the contracts give.")
        return 0
    print("\n".join(found), file=sys.stderr)
    print("Run `make regenerate` and commit what it writes.", file=sys.stderr)
    return 1


def _regenerate(root: Path) -> int:
    old = root / CONTRACT
    before = json.loads(old.read_text(encoding="utf-8")) if old.exists() else None
    sync_from_async.main([], root / source.PACKAGE)
    expected = expected_files(root)
    changed = len(differences(committed_files(root), expected))
    write(root, expected)
    print(f"{plural(len(expected), 'file')} written, {changed} of them changed.")
    after = json.loads(expected[CONTRACT])
    following = report(after if before is None else before, after, root)
    said = [reports.as_text(following), reports.next_steps(following)]
    print("\n\n".join(part for part in said if part))
    return 0


if __name__ == "__main__":
    sys.exit(main())
