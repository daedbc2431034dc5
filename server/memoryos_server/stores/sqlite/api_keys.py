"""API keys in SQLite, as hashes."""

# ruff: noqa: S608 - only constants of this package are put into the SQL, values are parameters

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from memoryos_server.model.records import KeyRecord

from .columns import (
    from_json,
    from_time,
    optional_from_time,
    optional_to_time,
    reading,
    to_json,
    to_time,
)

if TYPE_CHECKING:
    import sqlite3
    from datetime import datetime

__all__ = ["every", "find", "insert", "revoke"]

_COLUMNS = "hash, owner, scopes, name, created_at, expires_at, revoked_at"


def insert(connection: sqlite3.Connection, key: KeyRecord) -> None:
    """Add a key."""
    connection.execute(
        f"INSERT INTO keys ({_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?)",
        (
            key.hash,
            key.owner,
            to_json(key.scopes),
            key.name,
            from_time(key.created_at),
            optional_from_time(key.expires_at),
            optional_from_time(key.revoked_at),
        ),
    )


def find(connection: sqlite3.Connection, key_hash: str) -> KeyRecord | None:
    """Return the key with this hash, or None."""
    row = connection.execute(f"SELECT {_COLUMNS} FROM keys WHERE hash = ?", (key_hash,)).fetchone()
    return None if row is None else _record(row)


def every(connection: sqlite3.Connection) -> list[KeyRecord]:
    """Return all keys, oldest first."""
    rows = connection.execute(f"SELECT {_COLUMNS} FROM keys ORDER BY created_at, hash")
    return [_record(row) for row in rows]


def revoke(connection: sqlite3.Connection, key_hash: str, now: datetime) -> None:
    """End a key at `now`, unless it was revoked before."""
    connection.execute(
        "UPDATE keys SET revoked_at = ? WHERE hash = ? AND revoked_at IS NULL",
        (from_time(now), key_hash),
    )


@reading
def _record(row: tuple[Any, ...]) -> KeyRecord:
    return KeyRecord(
        hash=row[0],
        owner=row[1],
        scopes=tuple(from_json(row[2])),
        name=row[3],
        created_at=to_time(row[4]),
        expires_at=optional_to_time(row[5]),
        revoked_at=optional_to_time(row[6]),
    )
