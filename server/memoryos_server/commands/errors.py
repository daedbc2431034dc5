"""Errors of the commands."""

from __future__ import annotations

__all__ = ["UsageError"]


class UsageError(Exception):
    """An option has a value that can't be used; the message says why, in one line."""
