"""Idempotency keys in SQLite."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from memoryos_server.model.records import Claim
from memoryos_server.service.idempotency import IDEMPOTENCY_KEY_LIFETIME

from .columns import from_time, reading, to_time

if TYPE_CHECKING:
    import sqlite3
    from datetime import datetime

__all__ = ["find", "settle"]

_PURGED_AT_ONCE = 100


def find(
    connection: sqlite3.Connection, owner: str, operation: str, key: str, since: datetime
) -> Claim | None:
    """Return the claim on a key, unless it was made before `since`."""
    row = connection.execute(
        "SELECT owner, operation, key, body_hash, record_id, created_at FROM claims "
        "WHERE owner = ? AND operation = ? AND key = ? AND created_at >= ?",
        (owner, operation, key, from_time(since)),
    ).fetchone()
    return None if row is None else _claim(row)


@reading
def _claim(row: tuple[Any, ...]) -> Claim:
    return Claim(
        owner=row[0],
        operation=row[1],
        key=row[2],
        body_hash=row[3],
        record_id=row[4],
        created_at=to_time(row[5]),
    )


def settle(connection: sqlite3.Connection, claim: Claim) -> Claim | None:
    """Make a claim; where an earlier one still holds, return that one and change nothing."""
    since = claim.created_at - IDEMPOTENCY_KEY_LIFETIME
    earlier = find(connection, claim.owner, claim.operation, claim.key, since)
    if earlier is not None:
        return earlier
    connection.execute(
        "DELETE FROM claims WHERE (owner, operation, key) IN "
        "(SELECT owner, operation, key FROM claims WHERE created_at < ? LIMIT ?)",
        (from_time(since), _PURGED_AT_ONCE),
    )
    connection.execute(
        "INSERT OR REPLACE INTO claims (owner, operation, key, body_hash, record_id, created_at) "
        "VALUES (?, ?, ?, ?, ?, ?)",
        (
            claim.owner,
            claim.operation,
            claim.key,
            claim.body_hash,
            claim.record_id,
            from_time(claim.created_at),
        ),
    )
    return None
