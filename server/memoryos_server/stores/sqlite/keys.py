"""API keys in SQLite, as hashes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from memoryos_server.records import KeyRecord

from .columns import (
    from_json,
    from_time,
    optional_from_time,
    optional_to_time,
    to_json,
    to_time,
)

if TYPE_CHECKING:
    import sqlite3

__all__ = ["find", "insert"]


def insert(connection: sqlite3.Connection, key: KeyRecord) -> None:
    """Add a key."""
    connection.execute(
        "INSERT INTO keys (hash, owner, scopes, name, created_at, expires_at, revoked_at) "
        "VALUES (?, ?, ?, ?, ?, ?, ?)",
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
    row = connection.execute(
        "SELECT hash, owner, scopes, name, created_at, expires_at, revoked_at FROM keys "
        "WHERE hash = ?",
        (key_hash,),
    ).fetchone()
    if row is None:
        return None
    return KeyRecord(
        hash=row[0],
        owner=row[1],
        scopes=tuple(from_json(row[2])),
        name=row[3],
        created_at=to_time(row[4]),
        expires_at=optional_to_time(row[5]),
        revoked_at=optional_to_time(row[6]),
    )
