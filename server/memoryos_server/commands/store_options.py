"""The options that name the store that a command works on, such as `--data` and `--store`."""

from __future__ import annotations

import argparse
import os
from pathlib import Path

from memoryos_server.stores.data_path import IN_MEMORY, data_path
from memoryos_server.stores.database_url import Address, is_address

from .configuration import TABLE, environment_values, file_path, file_values, read_toml
from .errors import UsageError
from .suggestions import missing_file

__all__ = [
    "DATA_VARIABLE",
    "IN_MEMORY",
    "STORE_VARIABLE",
    "add_store_options",
    "data_file",
    "data_path",
    "existing_place",
    "is_existing",
    "named_place",
    "new_place",
    "shown_place",
    "store_place",
    "store_url",
]

DATA_VARIABLE = "MEMORY_OS_DATA"
STORE_VARIABLE = "MEMORY_OS_STORE"

_NOT_A_FILE = (
    "--data takes the path of a file, not a URL; to use a PostgreSQL database, write --store URL"
)


def add_store_options(parser: argparse.ArgumentParser) -> None:
    """Add `--data` and `--store`, of which at most one can be given."""
    group = parser.add_mutually_exclusive_group()
    group.add_argument(
        "--data",
        metavar="FILE",
        help=f"the file that holds the memories, as in `memoryos serve` (default: {DATA_VARIABLE})",
    )
    group.add_argument(
        "--store",
        type=store_url,
        metavar="URL",
        help="the PostgreSQL database that holds the memories, as in `memoryos serve` (default: "
        f"{STORE_VARIABLE})",
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
    """Return the database URL or the file that the options name, or else the environment.

    Args:
        options: The options that `add_store_options` added.
        may_be_new: Whether the file may be missing.

    Raises:
        UsageError: They name no file, or one that is missing.
    """
    data, store = named_place(options)
    if store:
        return str(store)
    file = data_file(data)
    if file == IN_MEMORY:
        name = DATA_VARIABLE if options.data is None else "--data"
        raise UsageError(f"{name}: {IN_MEMORY} is lost when the process ends; name a file")
    if not may_be_new and not is_existing(file):
        raise UsageError(missing_file(file))
    return file


def named_place(options: argparse.Namespace) -> tuple[str | None, str | None]:
    """Return the values of `--data` and `--store`, or else those that `memoryos serve` finds.

    Those are in its variables, or else in the file that `MEMORY_OS_CONFIG` names.

    Raises:
        UsageError: Both variables are set, or that of `--store` is no URL of a database; or the
            file can't be used.
    """
    if options.data is not None or options.store is not None:
        return options.data, options.store
    data, store = (os.environ.get(name) or None for name in (DATA_VARIABLE, STORE_VARIABLE))
    if data and store:
        raise UsageError(f"{DATA_VARIABLE} and {STORE_VARIABLE} are both set; unset one of them")
    if store and not is_address(store):  # it may contain a password
        raise UsageError(f"{STORE_VARIABLE} must begin with postgresql://")
    return (data, store) if data or store else _place_in_file()


def _place_in_file() -> tuple[str | None, str | None]:
    """Return what the file of `memoryos serve` says about the store; the rest is not checked."""
    parser = argparse.ArgumentParser(add_help=False)
    config = {"config": parser.add_argument("--config", type=file_path)}
    file = environment_values(config, (), os.environ).get("config")
    if file is None:
        return None, None
    options: dict[str, argparse.Action] = {
        "data": parser.add_argument("--data", type=file_path),
        "store": parser.add_argument("--store", type=store_url),
    }
    table = read_toml(file).get(TABLE)
    entries = table if isinstance(table, dict) else {}
    document = {TABLE: {name: entries[name] for name in options if name in entries}}
    values = file_values(options, [list(options)], document, TABLE, file)
    return values.get("data"), values.get("store")


def existing_place(option: str, given: str) -> str:
    """Return the database URL or the existing file that is the value of an option.

    Args:
        option: The name of the option.
        given: Its value.

    Raises:
        UsageError: The file is missing, or the value is neither.
    """
    place = _place(option, given)
    if not is_address(place) and not is_existing(place):
        raise UsageError(f"{option}: {missing_file(place)}")
    return place


def new_place(option: str, given: str) -> str:
    """Return the database URL or the file, which may be new, that is the value of an option.

    Raises:
        UsageError: The folder of the file is missing, or the value is neither.
    """
    place = _place(option, given)
    if not is_address(place) and not is_existing(str(Path(place).parent)):
        raise UsageError(f"{option}: there is no folder {Path(place).parent}; create it first")
    return place


def shown_place(place: str) -> str:
    """Return a file, or a database URL without credentials."""
    return str(Address(place)) if is_address(place) else place


def _place(option: str, given: str) -> str:
    if is_address(given):
        return given
    if not given or "://" in given:  # the value may contain a password
        raise UsageError(f"{option} must be a file, or a URL that begins with postgresql://")
    if given == IN_MEMORY:
        raise UsageError(f"{option}: {IN_MEMORY} is lost when the process ends; name a file")
    place = Path(given).expanduser().absolute()
    if place.is_dir():
        raise UsageError(f"{option}: {place} is a folder; name a file in it")
    if is_existing(str(place)) and not place.is_file():
        raise UsageError(f"{option}: {place} is not a regular file")
    return str(place)


def data_file(given: str | None) -> str:
    """Return the file for a value of the option `--data`, as `data_path` does.

    Raises:
        UsageError: The value is empty, which would be the current folder, or the URL of a database;
            or this user has no home folder.
    """
    if given == "":
        raise UsageError("--data must not be empty")
    if given is not None and is_address(given):
        raise UsageError(_NOT_A_FILE)
    try:
        return data_path(given)
    except RuntimeError as error:
        raise UsageError(f"{error}; name a file with --data and its whole path") from None


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
