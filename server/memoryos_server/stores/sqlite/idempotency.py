"""Idempotency records in SQLite, in the table `claims`."""

# ruff: noqa: S608 - only constants of this package are put into the SQL, values are parameters

from __future__ import annotations

from typing import TYPE_CHECKING

from memoryos_server.model.idempotency import IDEMPOTENCY_KEY_LIFETIME, IdempotencyRecord
from memoryos_server.stores.columns import IDEMPOTENCY_RECORD_COLUMNS
from memoryos_server.stores.limits import PURGE_BATCH_SIZE
from memoryos_server.stores.row_mapper import RowMapper

from .column_types import CODECS, from_time

if TYPE_CHECKING:
    import sqlite3
    from datetime import datetime

__all__ = ["find", "insert", "purge_expired"]

_ROWS = RowMapper(IdempotencyRecord, IDEMPOTENCY_RECORD_COLUMNS, CODECS)
# Entities can't be deleted.
_RECORD_EXISTS = """
  (operation <> 'create_memory' OR EXISTS (
    SELECT 1 FROM memories WHERE memories.owner = claims.owner AND memories.id = record_id
    AND (memories.expires_at IS NULL OR memories.expires_at > ?)
  ))
"""


def find(
    connection: sqlite3.Connection, owner: str, operation: str, key: str, now: datetime
) -> IdempotencyRecord | None:
    """Return the record of a key that is valid at `now`, or None."""
    since = now - IDEMPOTENCY_KEY_LIFETIME
    row = connection.execute(
        f"SELECT {_ROWS.column_list} FROM claims WHERE owner = ? AND operation = ? AND key = ? "
        f"AND created_at >= ? AND {_RECORD_EXISTS}",
        (owner, operation, key, from_time(since), from_time(now)),
    ).fetchone()
    return None if row is None else _ROWS.from_row(row)


def insert(
    connection: sqlite3.Connection, record: IdempotencyRecord | None, now: datetime
) -> IdempotencyRecord | None:
    """Store a record, unless the key has a valid one; return that one and change nothing."""
    if record is None:
        return None
    earlier = find(connection, record.owner, record.operation, record.key, now)
    if earlier is not None:
        return earlier
    connection.execute(
        f"INSERT OR REPLACE INTO claims ({_ROWS.column_list}) VALUES (?, ?, ?, ?, ?, ?)",
        _ROWS.to_row(record),
    )
    return None


def purge_expired(connection: sqlite3.Connection, owner: str, now: datetime) -> bool:
    """Delete some of an owner's records that are no longer valid.

    Returns:
        Whether there may be more.
    """
    deleted = connection.execute(
        "DELETE FROM claims WHERE owner = ? AND (operation, key) IN "
        "(SELECT operation, key FROM claims WHERE owner = ? AND created_at < ? LIMIT ?)",
        (owner, owner, from_time(now - IDEMPOTENCY_KEY_LIFETIME), PURGE_BATCH_SIZE),
    )
    return deleted.rowcount == PURGE_BATCH_SIZE
