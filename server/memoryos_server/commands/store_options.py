"""The options `--data` and `--store`, which name the store that a command works on."""

from __future__ import annotations

import argparse
from pathlib import Path

from memoryos_server.stores.data_path import IN_MEMORY, data_path
from memoryos_server.stores.database_url import is_address

from .errors import UsageError
from .suggestions import missing_file

__all__ = [
    "IN_MEMORY",
    "NoStoreOption",
    "add_store_options",
    "data_file",
    "data_path",
    "is_existing",
    "store_place",
    "store_url",
]

_NOT_A_FILE = (
    "--data takes the path of a file, not a URL; serve, keys and reembed have the option --store "
    "for a PostgreSQL database, and pg_dump and pg_restore make and restore its backups"
)


class NoStoreOption(argparse.Action):
    """Rejects `--store` for a command that works on files."""

    def __call__(self, parser: argparse.ArgumentParser, *_unused: object) -> None:
        """Print the error, and exit."""
        parser.error(
            "--store is not supported: this command is for files; use pg_dump and pg_restore for a "
            "PostgreSQL database"
        )


def add_store_options(parser: argparse.ArgumentParser) -> None:
    """Add `--data` and `--store`, of which at most one can be given."""
    group = parser.add_mutually_exclusive_group()
    group.add_argument(
        "--data", metavar="FILE", help="the file that holds the memories, as in `memoryos serve`"
    )
    group.add_argument(
        "--store",
        type=store_url,
        metavar="URL",
        help="the PostgreSQL database that holds the memories, as in `memoryos serve`",
    )


def store_url(text: str) -> str:
    """Return `text`, the URL of a PostgreSQL database.

    Raises:
        argparse.ArgumentTypeError: It is not such a URL. The message doesn't repeat it, because it
            may contain a password.
    """
    if not is_address(text):
        raise argparse.ArgumentTypeError("must begin with postgresql://")
    return text


def store_place(options: argparse.Namespace, *, may_be_new: bool = False) -> str:
    """Return the database URL or the file that the options name.

    Args:
        options: The options that `add_store_options` added.
        may_be_new: Whether the file may be missing.

    Raises:
        UsageError: The options name no file, or one that is missing.
    """
    if options.store:
        return str(options.store)
    file = data_file(options.data)
    if file == IN_MEMORY:
        raise UsageError(f"--data: {IN_MEMORY} is lost when the process ends; name a file")
    if not may_be_new and not is_existing(file):
        raise UsageError(missing_file(file))
    return file


def data_file(given: str | None) -> str:
    """Return the file for a value of the option `--data`, as `data_path` does.

    Raises:
        UsageError: The value is empty, which would be the current folder, or the URL of a database.
    """
    if given == "":
        raise UsageError("--data must not be empty")
    if given is not None and is_address(given):
        raise UsageError(_NOT_A_FILE)
    return data_path(given)


def is_existing(file: str) -> bool:
    """Return whether there is a file.

    Unlike `Path.exists`, which reports any error as a missing file in recent Python versions.

    Raises:
        UsageError: The path can't be examined, such as in a folder without permission.
    """
    try:
        Path(file).stat()
    except (FileNotFoundError, NotADirectoryError):
        return False
    except OSError as error:
        raise UsageError(f"{file}: {error.strerror}") from error
    return True
