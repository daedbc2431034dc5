"""Idempotency keys in PostgreSQL."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from memoryos_server.model.records import Claim
from memoryos_server.service.idempotency import IDEMPOTENCY_KEY_LIFETIME

from .columns import reading, utc

if TYPE_CHECKING:
    from datetime import datetime

    from psycopg import Connection

__all__ = ["find", "settle"]

_PURGED_AT_ONCE = 100


def find(
    connection: Connection[tuple[Any, ...]],
    owner: str,
    operation: str,
    key: str,
    since: datetime,
) -> Claim | None:
    """Return the claim on a key, unless it was made before `since`."""
    row = connection.execute(
        "SELECT owner, operation, key, body_hash, record_id, created_at FROM memoryos.claims "
        "WHERE owner = %s AND operation = %s AND key = %s AND created_at >= %s",
        (owner, operation, key, since),
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
        created_at=utc(row[5]),
    )


def settle(connection: Connection[tuple[Any, ...]], claim: Claim) -> Claim | None:
    """Make a claim; where an earlier one still holds, return that one and change nothing.

    Where another transaction is making a claim on the same key, wait for what becomes of it.
    """
    since = claim.created_at - IDEMPOTENCY_KEY_LIFETIME
    made = connection.execute(
        "INSERT INTO memoryos.claims AS earlier "
        "(owner, operation, key, body_hash, record_id, created_at) VALUES (%s, %s, %s, %s, %s, %s) "
        "ON CONFLICT (owner, operation, key) DO UPDATE SET body_hash = excluded.body_hash, "
        "record_id = excluded.record_id, created_at = excluded.created_at "
        "WHERE earlier.created_at < %s RETURNING 1",
        (
            claim.owner,
            claim.operation,
            claim.key,
            claim.body_hash,
            claim.record_id,
            claim.created_at,
            since,
        ),
    ).fetchone()
    if made is None:
        return find(connection, claim.owner, claim.operation, claim.key, since)
    _purge(connection, since)
    return None


def _purge(connection: Connection[tuple[Any, ...]], since: datetime) -> None:
    """Delete some of the claims that no longer hold, but none that somebody is renewing."""
    connection.execute(
        "DELETE FROM memoryos.claims WHERE (owner, operation, key) IN "
        "(SELECT owner, operation, key FROM memoryos.claims WHERE created_at < %s "
        "LIMIT %s FOR UPDATE SKIP LOCKED)",
        (since, _PURGED_AT_ONCE),
    )
