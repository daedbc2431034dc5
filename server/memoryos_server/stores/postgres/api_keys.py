"""API keys in PostgreSQL, as hashes."""

# ruff: noqa: S608 - only constants of this package are put into the SQL, values are parameters

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from memoryos_server.model.records import KeyRecord

from .columns import from_json, optional_utc, reading, to_json, utc

if TYPE_CHECKING:
    from datetime import datetime

    from psycopg import Connection

__all__ = ["every", "find", "insert", "revoke"]

_COLUMNS = "hash, owner, scopes, name, created_at, expires_at, revoked_at"


def insert(connection: Connection[tuple[Any, ...]], key: KeyRecord) -> None:
    """Add a key."""
    connection.execute(
        f"INSERT INTO memoryos.keys ({_COLUMNS}) VALUES (%s, %s, %s, %s, %s, %s, %s)",
        (
            key.hash,
            key.owner,
            to_json(key.scopes),
            key.name,
            key.created_at,
            key.expires_at,
            key.revoked_at,
        ),
    )


def find(connection: Connection[tuple[Any, ...]], key_hash: str) -> KeyRecord | None:
    """Return the key with this hash, or None."""
    row = connection.execute(
        f"SELECT {_COLUMNS} FROM memoryos.keys WHERE hash = %s", (key_hash,)
    ).fetchone()
    return None if row is None else _record(row)


def every(connection: Connection[tuple[Any, ...]]) -> list[KeyRecord]:
    """Return all keys, oldest first."""
    rows = connection.execute(f"SELECT {_COLUMNS} FROM memoryos.keys ORDER BY created_at, hash")
    return [_record(row) for row in rows]


def revoke(connection: Connection[tuple[Any, ...]], key_hash: str, now: datetime) -> None:
    """End a key at `now`, unless it was revoked before."""
    connection.execute(
        "UPDATE memoryos.keys SET revoked_at = %s WHERE hash = %s AND revoked_at IS NULL",
        (now, key_hash),
    )


@reading
def _record(row: tuple[Any, ...]) -> KeyRecord:
    return KeyRecord(
        hash=row[0],
        owner=row[1],
        scopes=tuple(from_json(row[2])),
        name=row[3],
        created_at=utc(row[4]),
        expires_at=optional_utc(row[5]),
        revoked_at=optional_utc(row[6]),
    )
