"""Ask for confirmation before an action that can't be undone."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import argparse

__all__ = ["add_yes", "can_ask", "is_confirmed"]


def add_yes(parser: argparse.ArgumentParser) -> None:
    """Add `--yes`."""
    parser.add_argument(
        "-y", "--yes", action="store_true", help="don't ask for confirmation; only a terminal asks"
    )


def can_ask() -> bool:
    """Return whether standard input and standard error are a terminal."""
    return sys.stdin is not None and sys.stdin.isatty() and sys.stderr.isatty()


def is_confirmed(question: str) -> bool:
    """Ask a yes/no question on the terminal.

    Returns:
        True if the user answers yes. Also True, without asking, if standard input or standard
        error is not a terminal.
    """
    if not can_ask():
        return True
    print(f"{question} [y/N] ", end="", file=sys.stderr, flush=True)
    return sys.stdin.readline().strip().lower() in ("y", "yes")
