"""Errors of the commands."""

from __future__ import annotations

__all__ = ["MissingFileError", "UsageError"]


class UsageError(Exception):
    """An option has a value that can't be used; the message says why, in one line."""


class MissingFileError(UsageError):
    """The database file doesn't exist; the message names the nearest one."""
