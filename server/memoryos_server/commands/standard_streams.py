"""Standard streams that are closed, or that can't be written to."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from .exit_statuses import BROKEN_PIPE, FAILED

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["discard_unwritable_output", "open_closed_streams", "run_and_flush"]


def open_closed_streams() -> None:
    """Connect standard output and standard error to the null device where they are closed.

    Python sets a closed stream to None, on which every `isatty` and `flush` would fail. Standard
    input stays None: a command that reads it reports that there is none.
    """
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:
            setattr(sys, name, Path(os.devnull).open("w", encoding="utf-8"))  # noqa: SIM115


def run_and_flush(program: str, work: Callable[[], int]) -> int:
    """Run a program, and write all its output before its exit status is known.

    Args:
        program: The program's name for error messages.
        work: Runs the program and returns the exit status. It may raise `SystemExit`, as argparse
            does after `--help`.

    Returns:
        The exit status; `BROKEN_PIPE` if nobody reads the output. An error of standard error
        doesn't change it.

    Raises:
        SystemExit: `work` raised it, and its output could be written.
    """
    try:
        try:
            status = work()
        finally:
            if not isinstance(sys.exc_info()[1], OSError):
                sys.stdout.flush()
                _discard_if_unwritable(sys.stderr)
    except BrokenPipeError:
        discard_unwritable_output()
        return BROKEN_PIPE
    except OSError as error:
        discard_unwritable_output()
        print(f"{program}: {error.strerror or error}", file=sys.stderr)
        discard_unwritable_output()
        return FAILED
    return status


def discard_unwritable_output() -> None:
    """Discard what is left in the buffers of the standard streams, if it can't be written.

    Python writes it again when it exits, which would print another error and change the status.
    """
    for stream in (sys.stdout, sys.stderr):
        _discard_if_unwritable(stream)


def _discard_if_unwritable(stream: TextIO) -> None:
    try:
        stream.flush()
    except OSError:
        null = os.open(os.devnull, os.O_WRONLY)
        try:
            os.dup2(null, stream.fileno())
        finally:
            os.close(null)
