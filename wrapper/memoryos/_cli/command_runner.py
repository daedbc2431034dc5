"""Running a command: its client, its console, and one line where something goes wrong."""

from __future__ import annotations

import os
import sys
import traceback
from pathlib import Path
from typing import TYPE_CHECKING, Callable, Optional

from memoryos._extras import MissingExtraError
from memoryos._protocol.settings import KEY_VARIABLE

from .error_messages import BROKEN_PIPE, INTERRUPTED, InputError, failure
from .output.console import open_console

if TYPE_CHECKING:
    import argparse

    from memoryos import MemoryOS

    from .output.console import Console

__all__ = ["is_local", "local_path", "open_client", "run_command", "run_with_console"]

_NO_KEY = (
    f"no API key: set the environment variable {KEY_VARIABLE}, or add --local to use the "
    "Memory OS on this machine"
)


def run_command(
    name: str,
    options: argparse.Namespace,
    work: Callable[[MemoryOS, Console, argparse.Namespace], int],
) -> int:
    """Do a command's work with a client, and return the exit status.

    Args:
        name: The command's name, for errors.
        options: Its options, those of `add_client_options` among them.
        work: What it does; it returns the exit status.
    """

    def with_client(console: Console) -> int:
        with open_client(options) as client:
            return work(client, console, options)

    return run_with_console(name, options, with_client)


def run_with_console(name: str, options: argparse.Namespace, work: Callable[[Console], int]) -> int:
    """Do a command's work, and return the exit status: one line is said of every error."""
    console = open_console()
    try:
        status = work(console)
        sys.stdout.flush()
    except MissingExtraError:
        raise
    except BrokenPipeError:
        return _handle_broken_pipe()
    except KeyboardInterrupt:
        console.error(f"memoryos {name}: interrupted")
        return INTERRUPTED
    except Exception as error:  # noqa: BLE001 - whatever it is, the user gets a line, not a traceback
        if options.debug:
            traceback.print_exc()
        ended = failure(error)
        console.error(f"memoryos {name}: {ended.line}")
        return ended.status
    return status


def is_local(options: argparse.Namespace) -> bool:
    """Return whether the Memory OS on this machine is meant."""
    return bool(options.local or options.data)


def open_client(options: argparse.Namespace) -> MemoryOS:
    """Return the client that the options ask for.

    Raises:
        InputError: They contradict each other, or there is no key.
        MemoryOSError: A setting is not usable.
        MissingExtraError: The Memory OS on this machine is not installed.
    """
    from memoryos import MemoryOS

    if not is_local(options):
        if not os.environ.get(KEY_VARIABLE):
            raise InputError(_NO_KEY)
        return MemoryOS(base_url=options.base_url, timeout=options.timeout)
    return MemoryOS.local(local_path(options))


def local_path(options: argparse.Namespace) -> Optional[str]:
    """Return the file of the Memory OS on this machine; None for the default one.

    Raises:
        InputError: The options ask for a service as well.
    """
    if options.base_url:
        raise InputError("--base-url excludes --local and --data")
    data: Optional[str] = options.data
    return data if data in (None, ":memory:") else str(Path(data).expanduser())


def _handle_broken_pipe() -> int:
    # Python flushes standard output once more at its end, and would complain again.
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return BROKEN_PIPE
