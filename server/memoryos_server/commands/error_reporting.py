"""Report the errors that any command may meet: one line, and the exit status."""

from __future__ import annotations

import sys
import traceback
from typing import TYPE_CHECKING

from .exit_statuses import BROKEN_PIPE, FAILED, INTERRUPTED
from .formatting import one_line
from .redaction import redact
from .standard_streams import discard_unwritable_output

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable

    from .output import Output

__all__ = ["run_reporting_errors"]


def run_reporting_errors(
    name: str,
    options: argparse.Namespace,
    output: Output,
    work: Callable[[argparse.Namespace, Output], int],
) -> int:
    """Run a command and write its output, and report an error in one line.

    An unexpected error of a command without the option `--debug` is raised, because its traceback
    is the only way to find the cause.

    Args:
        name: Name of the command for error messages.
        options: Options of the command.
        output: What the command writes to.
        work: Does the command's work, and returns the exit status.

    Returns:
        The exit status.

    Raises:
        ImportError: A package or an extra is not installed.
    """
    try:
        status = work(options, output)
        sys.stdout.flush()
    except ImportError:
        raise
    except BrokenPipeError:
        discard_unwritable_output()
        return BROKEN_PIPE
    except KeyboardInterrupt:
        output.error(f"memoryos {name}: interrupted")
        return INTERRUPTED
    except Exception as error:
        message = _message(error)
        if message is None:
            if "debug" not in options:
                raise
            cause = f"{type(error).__name__}: {error}"
            message = f"unexpected error: {cause}; --debug shows the traceback"
        if getattr(options, "debug", False):
            print(redact(traceback.format_exc()), end="", file=sys.stderr)
        discard_unwritable_output()
        output.error(f"memoryos {name}: {one_line(message)}")
        return FAILED
    return status


def _message(error: Exception) -> str | None:
    """Return the message of an error of the operating system; None for another error."""
    if not isinstance(error, OSError) or not error.strerror:
        return None
    file = f"{error.filename}: " if error.filename else ""
    return f"{file}{error.strerror}"
