"""Run a command: create its client and its console, and report errors in one line."""

from __future__ import annotations

import os
import sys
import traceback
from pathlib import Path
from typing import TYPE_CHECKING, Callable, Optional

from memoryos._extras import MissingExtraError
from memoryos._protocol.settings import KEY_VARIABLE
from memoryos_server.commands.standard_streams import discard_unwritable_output

from .error_messages import InputError, describe_error
from .exit_statuses import BROKEN_PIPE, INTERRUPTED
from .output.console import open_console

if TYPE_CHECKING:
    import argparse

    from memoryos import MemoryOS

    from .output.console import Console

__all__ = ["is_local", "local_path", "open_client", "run_command", "run_with_console"]

_NO_KEY = (
    f"no API key: set the environment variable {KEY_VARIABLE}, or use the Memory OS on this "
    "machine with --local"
)


def run_command(
    name: str,
    options: argparse.Namespace,
    work: Callable[[MemoryOS, Console, argparse.Namespace], int],
) -> int:
    """Run a command that needs a client.

    Args:
        name: Name of the command for error messages.
        options: Options of the command, including those of `add_client_options`.
        work: Runs the command with the client, and returns the exit status.

    Returns:
        The exit status.
    """

    def with_client(console: Console) -> int:
        with open_client(options) as client:
            return work(client, console, options)

    return run_with_console(name, options, with_client)


def run_with_console(name: str, options: argparse.Namespace, work: Callable[[Console], int]) -> int:
    """Run a command, and report any error in one line.

    Args:
        name: Name of the command for error messages.
        options: Options of the command, including `debug` if it has that option.
        work: Runs the command, and returns the exit status.

    Returns:
        The exit status.

    Raises:
        MissingExtraError: The command needs an extra that is not installed.
    """
    console = open_console()
    try:
        status = work(console)
        sys.stdout.flush()
    except MissingExtraError:
        raise
    except BrokenPipeError:
        discard_unwritable_output()
        return BROKEN_PIPE
    except KeyboardInterrupt:
        console.error(f"memoryos {name}: interrupted")
        return INTERRUPTED
    except Exception as error:  # noqa: BLE001 - users get one line, never a traceback
        if getattr(options, "debug", False):
            traceback.print_exc()
        discard_unwritable_output()
        failure = describe_error(error)
        console.error(f"memoryos {name}: {failure.line}")
        return failure.status
    return status


def is_local(options: argparse.Namespace) -> bool:
    """Return whether the options select the local Memory OS."""
    return bool(options.local or options.data)


def open_client(options: argparse.Namespace) -> MemoryOS:
    """Create the client that the options select.

    Raises:
        InputError: The options contradict each other, or there is no API key.
        MemoryOSError: A setting is invalid.
        MissingExtraError: The local Memory OS is not installed.
    """
    from memoryos import MemoryOS

    if not is_local(options):
        if not os.environ.get(KEY_VARIABLE):
            raise InputError(_NO_KEY)
        return MemoryOS(base_url=options.base_url, timeout=options.timeout)
    return MemoryOS.local(local_path(options))


def local_path(options: argparse.Namespace) -> Optional[str]:
    """Return the database file of the local Memory OS; None for the default file.

    Raises:
        InputError: The options select a remote service as well.
    """
    if options.base_url:
        raise InputError("--base-url can't be combined with --local or --data")
    data: Optional[str] = options.data
    return data if data in (None, ":memory:") else str(Path(data).expanduser())
