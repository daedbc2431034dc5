"""Checks that the wrapper and the server have all that the contract has, and say the same.

usage: python tools/wrapper_check.py

Each operation needs a method on both clients, each of its arguments with the contract's default,
type and range, a docstring that says so, and each documented error a class.
"""

from __future__ import annotations

import sys
from pathlib import Path

from wrapper_contract import agreement

ROOT = Path(__file__).resolve().parent.parent


def main(root: Path = ROOT) -> int:
    """Print what disagrees; 0 where nothing does."""
    found = agreement.of_project(root)
    print("\n".join(map(str, found)) or "The SDK and the local Memory OS agree with the contract.")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
