"""Run a command: create its client and its console, and report errors in one line."""

from __future__ import annotations

import logging
import os
import re
import sys
import traceback
import warnings
from contextlib import contextmanager
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, Any, Callable, Generator, Optional

from memoryos._extras import MissingExtraError
from memoryos._protocol.settings import KEY_VARIABLE
from memoryos_server.commands.redaction import redact
from memoryos_server.commands.standard_streams import discard_unwritable_output

from .error_messages import InputError, describe_error
from .exit_statuses import BROKEN_PIPE, INTERRUPTED
from .local_database import IN_MEMORY, MissingDatabaseError, existing_path
from .output.console import open_console
from .scope_options import in_scope

if TYPE_CHECKING:
    import argparse

    from memoryos import MemoryOS

    from .output.console import Console

__all__ = [
    "MissingFile",
    "is_local",
    "local_path",
    "open_client",
    "run_command",
    "run_with_console",
]

# A URL, also one with a typing error; not a drive of Windows.
_URL = re.compile(r"[A-Za-z][A-Za-z0-9+.\-]+:/|\S*//\S*@|\S+:\S*@")
_NO_KEY = (
    f"no API key: set the environment variable {KEY_VARIABLE}, or use the Memory OS on this "
    "machine with --local"
)


class MissingFile(Enum):
    """What a command does if the file of the local Memory OS doesn't exist."""

    REJECT = "reject"
    """Report it: a command that stores no memory was given a wrong `--data`."""
    CREATE = "create"
    """Create it."""
    IN_MEMORY = "in memory"
    """Use an empty database in memory: a dry run of a command that would create the file."""


def run_command(
    name: str,
    options: argparse.Namespace,
    work: Callable[[MemoryOS, Console, argparse.Namespace], int],
    *,
    missing_file: MissingFile = MissingFile.REJECT,
) -> int:
    """Run a command that needs a client.

    Args:
        name: Name of the command for error messages.
        options: Options of the command, including those of `add_client_options`.
        work: Runs the command with the client, or with its view on the scope that the options
            name, and returns the exit status.
        missing_file: What to do if the file of the local Memory OS doesn't exist.

    Returns:
        The exit status.
    """

    def with_client(console: Console) -> int:
        with _warnings_to(console), open_client(
            options, missing_file=missing_file, note=console.note
        ) as client:
            return work(in_scope(client, options), console, options)

    return run_with_console(name, options, with_client)


@contextmanager
def _warnings_to(console: Console) -> Generator[None, None, None]:
    """Print the SDK's warnings as lines, such as that a service doesn't filter by tags."""
    from memoryos._protocol.scope_warnings import ScopeWarning, logger

    shown = warnings.showwarning
    if not logger.handlers:  # otherwise Python prints its record, which says the same
        logger.addHandler(logging.NullHandler())

    def show(message: Any, category: Any, *place: Any, **more: Any) -> None:
        if issubclass(category, ScopeWarning):
            console.error(f"warning: {message}")
        else:
            shown(message, category, *place, **more)

    with warnings.catch_warnings():
        warnings.showwarning = show
        yield


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
            print(redact(traceback.format_exc()), end="", file=sys.stderr)
        discard_unwritable_output()
        failure = describe_error(error)
        console.error(f"memoryos {name}: {failure.line}")
        return failure.status
    return status


def is_local(options: argparse.Namespace) -> bool:
    """Return whether the options select the local Memory OS."""
    return bool(options.local or options.store) or options.data is not None


def open_client(
    options: argparse.Namespace,
    *,
    missing_file: MissingFile = MissingFile.REJECT,
    note: Callable[[str], object] = lambda _: None,
) -> MemoryOS:
    """Create the client that the options select.

    Args:
        options: Options of `add_client_options`.
        missing_file: What to do if the file of the local Memory OS doesn't exist.
        note: Called with a hint for the user, if there is no default file yet.

    Raises:
        InputError: The options contradict each other, or there is no API key.
        MissingDatabaseError: The database file doesn't exist, and may not be created.
        MemoryOSError: A setting is invalid.
        MissingExtraError: The local Memory OS is not installed.
    """
    from memoryos import MemoryOS

    if not is_local(options):
        if not os.environ.get(KEY_VARIABLE):
            raise InputError(_NO_KEY)
        return MemoryOS(base_url=options.base_url, timeout=options.timeout)
    path = local_path(options)
    if options.store:
        return _database_client(options.store, may_create=missing_file is MissingFile.CREATE)
    if missing_file is MissingFile.CREATE:
        return MemoryOS.local(path)
    try:
        return MemoryOS.local(existing_path(path, note))
    except MissingDatabaseError:
        if missing_file is MissingFile.REJECT:
            raise
        return MemoryOS.local(IN_MEMORY)


def _database_client(url: str, *, may_create: bool) -> MemoryOS:
    """Return a client of a Memory OS in this process, on a PostgreSQL database."""
    from memoryos import MemoryOS
    from memoryos._local import local_transport

    transport = local_transport(url, None, may_create=may_create)
    return MemoryOS._on_transport(transport, url)  # noqa: SLF001 - of the same distribution


def local_path(options: argparse.Namespace) -> Optional[str]:
    """Return the database of the local Memory OS, a file or a URL; None for the default file.

    Raises:
        InputError: The options select a remote service as well, or a file that can't be one.
    """
    if options.base_url:
        raise InputError("--base-url can't be combined with --local, --data or --store")
    if options.store:
        return str(options.store)
    data: Optional[str] = options.data
    if data in (None, IN_MEMORY):
        return data
    if not data:
        raise InputError("--data must not be empty")
    if _URL.match(data):
        raise InputError(
            "--data takes the path of a file, not a URL; to use a PostgreSQL database, write "
            "--store URL"
        )
    file = Path(data).expanduser()
    if file.is_dir():
        raise InputError(f"--data: {file} is a folder; name a file in it")
    return str(file)
