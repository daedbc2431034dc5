"""The first API key of a store, which `memoryos serve` makes, and its file."""

from __future__ import annotations

import os
import re
import shutil
import sqlite3
import stat
import tempfile
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from memoryos_server.model.errors import ServiceError
from memoryos_server.model.timestamps import utc_now
from memoryos_server.service.api_keys import KEY_PREFIX
from memoryos_server.stores.data_path import IN_MEMORY, default_data_path
from memoryos_server.stores.database_url import Address
from memoryos_server.stores.sqlite.files import sync
from memoryos_server.stores.sqlite.opening import create_private_folders

from .listening import StartError
from .store_options import data_file

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from memoryos_server.service.operations import Service

    from .serve_options import ServeOptions

__all__ = ["FirstKey", "first_key"]

_NAME = "memoryos serve"
_KEY = re.compile(rf"{KEY_PREFIX}[A-Za-z0-9_-]{{8,200}}", re.ASCII)
_MAX_FILE_BYTES = 1000
_MAX_NAME_LENGTH = 200
_PRIVATE_FILE_MODE = 0o600
_OF_OTHERS = stat.S_IRWXG | stat.S_IRWXO
_ADVICE = "name another file with --key-file, or make no key with --no-key"


@dataclass(frozen=True)
class FirstKey:
    """The API keys of a store when a server starts.

    Attributes:
        valid_keys: Number of API keys that are neither revoked nor expired.
        file: The file with one of them, or None if there is no such file.
        new_key: That key, if this start has made it.
        is_readable_by_others: Whether other users of this machine can read the file.
    """

    valid_keys: int
    file: Path | None = None
    new_key: str | None = field(default=None, repr=False)
    is_readable_by_others: bool = False


@contextmanager
def first_key(service: Service, options: ServeOptions) -> Iterator[FirstKey]:
    """Make an API key if there has never been one, and write it to a file for this user only.

    The store is opened and checked before. The file of a store in memory is removed at the end of
    the block, if the options name no other.

    Args:
        service: The service of the store that the options name.
        options: The options of `memoryos serve`.

    Raises:
        StartError: The store can't be used, or the file can't be written; then there is no key.
        UsageError: This user has no home folder, and the options name no file.
    """
    if options.key_file is None and options.store is None and data_file(options.data) == IN_MEMORY:
        folder = tempfile.mkdtemp(prefix="memoryos-")  # with mode 0700
        try:
            yield _find_or_create(service, options, lambda: Path(folder, "memories.key"))
        finally:
            shutil.rmtree(folder, ignore_errors=True)
    else:
        yield _find_or_create(service, options, lambda: _key_file(options))


def _key_file(options: ServeOptions) -> Path | None:
    """Return the file of the first key, or None if it needs a home folder and there is none."""
    if options.key_file is not None:
        return Path(options.key_file).absolute()
    if options.store is not None:
        with suppress(RuntimeError):
            return default_data_path().with_name(f"{_database_name(options.store)}.key")
        return None
    return Path(f"{data_file(options.data)}.key")


def _database_name(url: str) -> str:
    """Return host, port and database as libpq reads them, as the name of a file."""
    from memoryos_server.stores.postgres.connection_parameters import location

    name = re.sub(r"[^\w.-]", "-", "-".join(location(Address(url))), flags=re.ASCII)
    return name.lstrip("-.")[:_MAX_NAME_LENGTH]


def _find_or_create(
    service: Service, options: ServeOptions, key_file: Callable[[], Path | None]
) -> FirstKey:
    try:
        service.check_embedder()
        file = key_file()
        records = service.list_keys()
        new_key = None
        if not records and not options.no_key:
            new_key = service.create_first_key(lambda key: _publish(key, file), name=_NAME)
            records = service.list_keys()  # maybe with the key of another server, which was faster
        now = utc_now()
        valid_keys = sum(record.is_valid(now) for record in records)
        key, mode = (None, 0) if file is None else _read(file)
        if key is None or service.authenticate(key) is None:
            return FirstKey(valid_keys)
        return FirstKey(valid_keys, file, new_key, is_readable_by_others=bool(mode & _OF_OTHERS))
    except (OSError, sqlite3.Error, ServiceError) as error:
        place = options.store and str(Address(options.store))
        raise StartError(f"can't use {place or data_file(options.data)}: {error}") from error


def _publish(key: str, file: Path | None) -> None:
    """Write a key to a file. It replaces a file only if that holds a key, of an earlier store.

    A key of the hosted service is none of them.

    Raises:
        StartError: The file can't be written, or would replace something else.
    """
    if file is None:
        raise StartError(f"there is no home folder to write the API key to; {_ADVICE}")
    is_free = not os.path.lexists(file)
    if not is_free and (file.is_symlink() or _read(file)[0] is None):
        raise StartError(f"{file} exists and holds no API key; {_ADVICE}")
    try:
        _write(key, file)
    except OSError as error:
        reason = error.strerror or error
        raise StartError(f"can't write the API key to {file}: {reason}; {_ADVICE}") from error


def _write(key: str, file: Path) -> None:
    create_private_folders(file)
    descriptor, name = tempfile.mkstemp(prefix=f".{file.name[:_MAX_NAME_LENGTH]}.", dir=file.parent)
    temporary = Path(name)
    try:
        with os.fdopen(descriptor, "w", encoding="ascii") as opened:
            temporary.chmod(_PRIVATE_FILE_MODE)  # mkstemp leaves out what the umask takes away
            opened.write(f"{key}\n")
            opened.flush()
            os.fsync(descriptor)
        temporary.replace(file)
    except OSError:
        with suppress(OSError):
            temporary.unlink()
        raise
    with suppress(OSError):  # not every file system can do so
        sync(file.parent)


def _read(file: Path) -> tuple[str | None, int]:
    """Return the API key in a file and the file's mode; None if it holds no key."""
    try:
        if not stat.S_ISREG(file.stat().st_mode):  # a named pipe would block
            return None, 0
        with file.open("rb") as opened:
            text = opened.read(_MAX_FILE_BYTES).decode("ascii", "replace").strip()
            mode = os.fstat(opened.fileno()).st_mode if os.name == "posix" else 0
    except (OSError, ValueError):
        return None, 0
    return (text if _KEY.fullmatch(text) else None), mode
