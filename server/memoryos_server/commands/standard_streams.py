"""Standard streams that are closed, or that can't be written to."""

from __future__ import annotations

import os
import sys
from pathlib import Path

__all__ = ["discard_unwritable_output", "open_closed_streams"]


def open_closed_streams() -> None:
    """Connect standard output and standard error to the null device where they are closed.

    Python sets a closed stream to None, on which every `isatty` and `flush` would fail. Standard
    input stays None: a command that reads it reports that there is none.
    """
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:
            setattr(sys, name, Path(os.devnull).open("w", encoding="utf-8"))  # noqa: SIM115


def discard_unwritable_output() -> None:
    """Discard what is left in the buffer of standard output, if it can't be written.

    Python writes it again when it exits, which would print another error and change the status.
    """
    try:
        sys.stdout.flush()
    except OSError:
        null = os.open(os.devnull, os.O_WRONLY)
        try:
            os.dup2(null, sys.stdout.fileno())
        finally:
            os.close(null)
