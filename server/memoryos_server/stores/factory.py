"""Which store is meant by a name: a file, or the URL of a database."""

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
    """The packages of a store are not installed; the message says how to install them."""


def open_store(
    place: str | Path, *, embedder: str | None, sync: Literal["normal", "full"] = "normal"
) -> Store:
    """Return the store at `place`, which its first call opens or makes.

    Args:
        place: a file, `":memory:"`, or a URL that begins with `postgresql://`.
        embedder: the name of the embedder whose vectors are stored, or None for none.
        sync: `"full"` makes a write to a file survive a power loss; for a database, its own
            settings say so.

    Raises:
        MissingStoreError: the packages for a PostgreSQL database are not installed.
    """
    if isinstance(place, Path) or not is_address(place):
        return SQLiteStore(place, embedder=embedder, sync=sync)
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
    return PostgresStore(Address(place), embedder=embedder)
