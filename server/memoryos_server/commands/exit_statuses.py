"""Exit statuses of the commands; the same numbers as those of the SDK's commands."""

from __future__ import annotations

__all__ = ["BROKEN_PIPE", "FAILED", "INTERRUPTED", "USAGE_ERROR"]

FAILED = 1
"""The command failed."""

USAGE_ERROR = 2
"""An option is invalid."""

INTERRUPTED = 130
"""The user pressed Ctrl-C."""

BROKEN_PIPE = 141
"""The program that read the output has ended."""
