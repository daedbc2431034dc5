"""Errors and exit statuses of the commands."""

from __future__ import annotations

__all__ = ["FAILED", "MISUSE", "UsageError"]

FAILED = 1
"""The exit status of a command that failed."""

MISUSE = 2
"""The exit status of a command with a wrong option."""


class UsageError(Exception):
    """An option has a value that can't be used; the message says why, in one line."""
