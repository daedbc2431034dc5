"""Factory of stores: SQLite for a file, PostgreSQL for a URL."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Literal

from .database_url import Address, is_address
from .sqlite.store import SQLiteStore

if TYPE_CHECKING:
    from .protocol import Store

__all__ = ["MissingStoreError", "open_store"]

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
    try:
        from .postgres.store import PostgresStore
    except ImportError as error:
        missing = (error.name or "").partition(".")[0]
        if missing not in _PACKAGES:
            raise
        raise MissingStoreError(
            f"a PostgreSQL database needs the extra [postgres] ({missing} is missing); install "
            "it from a checkout of this repository with: pip install '.[local,postgres]'"
        ) from error
    return PostgresStore(Address(location), embedder=embedder, may_create=may_create)
