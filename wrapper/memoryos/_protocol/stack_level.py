"""Where a warning points to: the line of the program that called the SDK."""

from __future__ import annotations

import sys

__all__ = ["stack_level"]

_PACKAGE = "memoryos"


def stack_level() -> int:
    """Return the `stacklevel` with which the calling function warns of its first outer caller.

    That is the innermost function that is not the SDK's. Python's default filter shows a warning
    once for each line that it points to, so one of the SDK's own would show the first call only.
    """
    level, frame = 1, sys._getframe(1)  # noqa: SLF001 - as the module warnings does
    while frame.f_back and _is_own(frame.f_globals.get("__name__")):
        level, frame = level + 1, frame.f_back
    return level


def _is_own(module: object) -> bool:
    return isinstance(module, str) and module.partition(".")[0] == _PACKAGE
