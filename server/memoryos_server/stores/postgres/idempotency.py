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

    from psycopg import Connection, Cursor

    from .statements import Statements

__all__ = ["RepeatedKeyError", "check_inserted", "insert", "purge", "read", "select"]

_ROWS = RowMapper(IdempotencyRecord, IDEMPOTENCY_RECORD_COLUMNS, CODECS)
# Entities can't be deleted.
_RECORD_EXISTS = """
  (operation <> 'create_memory' OR EXISTS (
    SELECT 1 FROM memoryos.memories
    WHERE memories.id = claims.record_id AND memories.owner = claims.owner
    AND (memories.expires_at IS NULL OR memories.expires_at > %s)
  ))
"""


def select(
    connection: Statements, owner: str, operation: str, key: str | None, now: datetime
) -> Cursor[tuple[Any, ...]]:
    """Ask for the record of a key that is valid at `now`."""
    return connection.execute(
        f"SELECT {_ROWS.column_list} FROM memoryos.claims "
        f"WHERE owner = %s AND operation = %s AND key = %s AND created_at >= %s "
        f"AND {_RECORD_EXISTS}",
        (owner, operation, key, now - IDEMPOTENCY_KEY_LIFETIME, now),
    )


def read(rows: Cursor[tuple[Any, ...]]) -> IdempotencyRecord | None:
    """Return the answer to `select`, or None."""
    row = rows.fetchone()
    return None if row is None else _ROWS.from_row(row)


def insert(
    connection: Connection[tuple[Any, ...]], record: IdempotencyRecord | None, now: datetime
) -> Cursor[tuple[Any, ...]] | None:
    """Ask to store a record, if there is one, unless its key has a valid one.

    If another transaction is storing a record of the same key, PostgreSQL waits until it ends.
    """
    if record is None:
        return None
    return connection.execute(
        f"INSERT INTO memoryos.claims AS earlier ({_ROWS.column_list}) "
        "VALUES (%s, %s, %s, %s, %s, %s) "
        "ON CONFLICT (owner, operation, key) DO UPDATE SET body_hash = excluded.body_hash, "
        "record_id = excluded.record_id, created_at = excluded.created_at "
        "WHERE earlier.created_at < %s RETURNING 1",
        (*_ROWS.to_row(record), now - IDEMPOTENCY_KEY_LIFETIME),
    )


class RepeatedKeyError(Exception):
    """The key of a request has a valid record, so the transaction must change nothing.

    Args:
        earlier: the record.
    """

    def __init__(self, earlier: IdempotencyRecord) -> None:
        super().__init__(earlier)
        self.earlier = earlier


def check_inserted(
    connection: Connection[tuple[Any, ...]],
    inserted: Cursor[tuple[Any, ...]] | None,
    record: IdempotencyRecord | None,
    now: datetime,
) -> None:
    """Check that `insert` has stored the record, if there was one.

    Raises:
        RepeatedKeyError: the key has a valid record.
    """
    if inserted is None or record is None or inserted.fetchone() is not None:
        return
    # The row is locked now, and this statement sees what another transaction has committed.
    earlier = read(select(connection, record.owner, record.operation, record.key, now))
    if earlier is not None:
        raise RepeatedKeyError(earlier)
    _replace(connection, record)


def _replace(connection: Connection[tuple[Any, ...]], record: IdempotencyRecord) -> None:
    """Replace a record whose memory no longer exists."""
    connection.execute(
        "UPDATE memoryos.claims SET body_hash = %s, record_id = %s, created_at = %s "
        "WHERE owner = %s AND operation = %s AND key = %s",
        (
            *(record.body_hash, record.record_id, record.created_at),
            *(record.owner, record.operation, record.key),
        ),
    )


def purge(
    connection: Connection[tuple[Any, ...]], owner: str, now: datetime
) -> Cursor[tuple[Any, ...]]:
    """Ask to delete some of an owner's expired records; none that another transaction replaces.

    At most `PURGE_BATCH_SIZE`; as many are deleted if there may be more.
    """
    return connection.execute(
        "DELETE FROM memoryos.claims WHERE owner = %s AND (operation, key) IN "
        "(SELECT operation, key FROM memoryos.claims WHERE owner = %s AND created_at < %s "
        "LIMIT %s FOR UPDATE SKIP LOCKED)",
        (owner, owner, now - IDEMPOTENCY_KEY_LIFETIME, PURGE_BATCH_SIZE),
    )
