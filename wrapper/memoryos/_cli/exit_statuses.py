"""Exit statuses of the commands; docs/cli.md documents them."""

from __future__ import annotations

__all__ = [
    "BROKEN_PIPE",
    "EXIT_STATUSES_HELP",
    "FAILED",
    "INTERRUPTED",
    "NOT_FOUND",
    "SUCCESS",
    "USAGE_ERROR",
]

SUCCESS = 0
FAILED = 1
USAGE_ERROR = 2
NOT_FOUND = 3
INTERRUPTED = 130
BROKEN_PIPE = 141

EXIT_STATUSES_HELP = f"""exit status:
  {SUCCESS} success; {FAILED} failure; {USAGE_ERROR} invalid options or settings; \
{NOT_FOUND} memory not found;
  {INTERRUPTED} interrupted; {BROKEN_PIPE} output closed by its reader"""
"""The part of each command's help."""
