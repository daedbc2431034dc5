"""Asking before something that can't be undone, where a person is there to answer."""

from __future__ import annotations

import sys

__all__ = ["is_confirmed"]


def is_confirmed(question: str) -> bool:
    """Return whether the answer to a question is yes; in a pipe or a script nobody is asked."""
    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        return True
    print(f"{question} [y/N] ", end="", file=sys.stderr, flush=True)
    return sys.stdin.readline().strip().lower() in ("y", "yes")
