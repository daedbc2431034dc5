"""Ask for confirmation before an action that can't be undone."""

from __future__ import annotations

import sys

__all__ = ["is_confirmed"]


def is_confirmed(question: str) -> bool:
    """Ask a yes/no question on the terminal.

    Returns:
        True if the user answers yes. Also True, without asking, if standard input or standard
        error is not a terminal.
    """
    if sys.stdin is None or not (sys.stdin.isatty() and sys.stderr.isatty()):
        return True
    print(f"{question} [y/N] ", end="", file=sys.stderr, flush=True)
    return sys.stdin.readline().strip().lower() in ("y", "yes")
