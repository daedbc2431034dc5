"""Idempotency records in PostgreSQL, in the table `claims`."""

# ruff: noqa: S608 - only constants of this package are put into the SQL, values are parameters

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from memoryos_server.model.idempotency import IDEMPOTENCY_KEY_LIFETIME, IdempotencyRecord
from memoryos_server.stores.columns import IDEMPOTENCY_RECORD_COLUMNS
from memoryos_server.stores.limits import PURGE_BATCH_SIZE
from memoryos_server.stores.row_mapper import RowMapper

from .column_types import CODECS

if TYPE_CHECKING:
    from datetime import datetime

    from psycopg import Connection

__all__ = ["find", "insert"]

_ROWS = RowMapper(IdempotencyRecord, IDEMPOTENCY_RECORD_COLUMNS, CODECS)


def find(
    connection: Connection[tuple[Any, ...]],
    owner: str,
    operation: str,
    key: str,
    since: datetime,
) -> IdempotencyRecord | None:
    """Return the record of a key, or None if there is none made since `since`."""
    row = connection.execute(
        f"SELECT {_ROWS.column_list} FROM memoryos.claims "
        "WHERE owner = %s AND operation = %s AND key = %s AND created_at >= %s",
        (owner, operation, key, since),
    ).fetchone()
    return None if row is None else _ROWS.from_row(row)


def insert(
    connection: Connection[tuple[Any, ...]], record: IdempotencyRecord | None
) -> IdempotencyRecord | None:
    """Store a record, unless the key has a valid one; return that one and change nothing.

    If another transaction is storing a record of the same key, wait until it ends.
    """
    if record is None:
        return None
    since = record.created_at - IDEMPOTENCY_KEY_LIFETIME
    inserted = connection.execute(
        f"INSERT INTO memoryos.claims AS earlier ({_ROWS.column_list}) "
        "VALUES (%s, %s, %s, %s, %s, %s) "
        "ON CONFLICT (owner, operation, key) DO UPDATE SET body_hash = excluded.body_hash, "
        "record_id = excluded.record_id, created_at = excluded.created_at "
        "WHERE earlier.created_at < %s RETURNING 1",
        (*_ROWS.to_row(record), since),
    ).fetchone()
    if inserted is None:
        return find(connection, record.owner, record.operation, record.key, since)
    _purge(connection, since)
    return None


def _purge(connection: Connection[tuple[Any, ...]], since: datetime) -> None:
    """Delete some expired records, but none that another transaction is replacing."""
    connection.execute(
        "DELETE FROM memoryos.claims WHERE (owner, operation, key) IN "
        "(SELECT owner, operation, key FROM memoryos.claims WHERE created_at < %s "
        "LIMIT %s FOR UPDATE SKIP LOCKED)",
        (since, PURGE_BATCH_SIZE),
    )
