"""Factory of stores and of their transfers: SQLite for a file, PostgreSQL for a URL."""

from __future__ import annotations

from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from .database_url import Address, is_address
from .sqlite.store import SQLiteStore

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from .postgres.transfer import PostgresSource, PostgresTarget
    from .protocol import Store
    from .sqlite.transfer import SQLiteSource, SQLiteTarget
    from .transfer import TransferSource, TransferTarget

__all__ = [
    "MissingStoreError",
    "open_store",
    "open_transfer_source",
    "open_transfer_target",
    "read_store_id",
]

_PACKAGES = ("psycopg", "psycopg_pool")


class MissingStoreError(Exception):
    """The packages of a store are not installed. The message says how to install them."""


def open_store(
    location: str | Path,
    *,
    embedder: str | None,
    sync: Literal["normal", "full"] = "normal",
    may_create: bool = True,
) -> Store:
    """Return the store at `location`; its first call opens or creates it.

    Args:
        location: a file, `":memory:"`, or a URL that begins with `postgresql://`.
        embedder: the name of the embedder whose vectors are stored, or None.
        sync: with `"full"`, a write to a file survives a power failure. PostgreSQL has its own
            settings for this.
        may_create: whether to create the tables of a PostgreSQL database that has none.

    Raises:
        MissingStoreError: the packages for a PostgreSQL database are not installed.
    """
    if isinstance(location, Path) or not is_address(location):
        return SQLiteStore(location, embedder=embedder, sync=sync)
    with _importing_postgres():
        from .postgres.store import PostgresStore
    return PostgresStore(Address(location), embedder=embedder, may_create=may_create)


def read_store_id(location: str) -> str:
    """Return what distinguishes a store from others, also at the same place; "" if it has no id.

    Args:
        location: a file, or a URL that begins with `postgresql://`.

    Raises:
        BackupError: the file can't be read.
        MissingStoreError: the packages for a PostgreSQL database are not installed.
        ServiceError: the PostgreSQL database failed.
    """
    if not is_address(location):
        from .sqlite import store_id

        return store_id.store_id(Path(location))
    with _importing_postgres():
        from .postgres import store_id as database_id
    return database_id.store_id(Address(location))


@contextmanager
def open_transfer_source(location: str, now: datetime) -> Iterator[TransferSource]:
    """Open a store for a transfer within the block, which reads it as it is at the beginning.

    Args:
        location: a file, or a URL that begins with `postgresql://`.
        now: the current time.

    Raises:
        MissingStoreError: the packages for a PostgreSQL database are not installed.
        TransferError: the store can't be read by this program.
    """
    with closing(_transfer_source(location, now)) as source:
        yield source


def _transfer_source(location: str, now: datetime) -> SQLiteSource | PostgresSource:
    if not is_address(location):
        from .sqlite.transfer import SQLiteSource

        return SQLiteSource(Path(location), now)
    with _importing_postgres():
        from .postgres.transfer import PostgresSource
    return PostgresSource(Address(location), now)


@contextmanager
def open_transfer_target(location: str) -> Iterator[TransferTarget]:
    """Open a store within the block, for a transfer to it. Create it if there is none.

    Raises:
        MissingStoreError: the packages for a PostgreSQL database are not installed.
        TransferError: the store can't be filled by this program.
    """
    with closing(_transfer_target(location)) as target:
        yield target


def _transfer_target(location: str) -> SQLiteTarget | PostgresTarget:
    if not is_address(location):
        from .sqlite.transfer import SQLiteTarget

        return SQLiteTarget(Path(location))
    with _importing_postgres():
        from .postgres.transfer import PostgresTarget
    return PostgresTarget(Address(location))


@contextmanager
def _importing_postgres() -> Iterator[None]:
    """Report a missing package during the block, with what to install."""
    try:
        yield
    except ImportError as error:
        missing = (error.name or "").partition(".")[0]
        if missing not in _PACKAGES:
            raise
        raise MissingStoreError(
            f"a PostgreSQL database needs the extra [postgres] ({missing} is missing); install "
            "it from a checkout of this repository with: pip install '.[local,postgres]'"
        ) from error
