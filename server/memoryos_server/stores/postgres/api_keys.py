"""API keys in PostgreSQL, stored as hashes."""

# ruff: noqa: S608 - only constants of this package are put into the SQL, values are parameters

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from memoryos_server.model.records import KEY_ID_CHARACTERS, KeyRecord
from memoryos_server.stores.columns import API_KEY_COLUMNS
from memoryos_server.stores.row_mapper import RowMapper

from .column_types import CODECS

if TYPE_CHECKING:
    from datetime import datetime

    from psycopg import Connection

    from .statements import Statements

__all__ = ["find", "find_of_owner", "insert", "list_all", "revoke"]

_ROWS = RowMapper(KeyRecord, API_KEY_COLUMNS, CODECS)
_PLACEHOLDERS = ", ".join(["%s"] * len(API_KEY_COLUMNS))


def insert(connection: Connection[tuple[Any, ...]], key: KeyRecord) -> None:
    """Store a key."""
    connection.execute(
        f"INSERT INTO memoryos.keys ({_ROWS.column_list}) VALUES ({_PLACEHOLDERS})",
        _ROWS.to_row(key),
    )


def find(connection: Statements, key_hash: str) -> KeyRecord | None:
    """Return the key with this hash, or None."""
    row = connection.execute(
        f"SELECT {_ROWS.column_list} FROM memoryos.keys WHERE hash = %s", (key_hash,)
    ).fetchone()
    return None if row is None else _ROWS.from_row(row)


def find_of_owner(connection: Statements, owner: str, key_id: str) -> KeyRecord | None:
    """Return the key of `owner` whose hash starts with `key_id`, or None."""
    row = connection.execute(
        f"SELECT {_ROWS.column_list} FROM memoryos.keys "
        f"WHERE owner = %s AND substr(hash, 1, {KEY_ID_CHARACTERS}) = %s",
        (owner, key_id),
    ).fetchone()
    return None if row is None else _ROWS.from_row(row)


def list_all(connection: Statements, owner: str | None = None) -> list[KeyRecord]:
    """Return the keys of `owner`, or of all owners, oldest first."""
    condition, values = ("", ()) if owner is None else ("WHERE owner = %s ", (owner,))
    rows = connection.execute(
        f"SELECT {_ROWS.column_list} FROM memoryos.keys {condition}ORDER BY created_at, hash",
        values,
    )
    return [_ROWS.from_row(row) for row in rows]


def revoke(connection: Connection[tuple[Any, ...]], key_hash: str, now: datetime) -> None:
    """Revoke a key at `now`, unless it is already revoked."""
    connection.execute(
        "UPDATE memoryos.keys SET revoked_at = %s WHERE hash = %s AND revoked_at IS NULL",
        (now, key_hash),
    )
