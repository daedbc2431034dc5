"""Transactions on a SQLite connection in autocommit mode."""

from __future__ import annotations

import sqlite3
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["begin_immediately", "close_on_error", "transaction"]


@contextmanager
def close_on_error(connection: sqlite3.Connection) -> Iterator[None]:
    """Close the connection if the block raises an error."""
    try:
        yield
    except BaseException:
        connection.close()
        raise


@contextmanager
def transaction(connection: sqlite3.Connection) -> Iterator[None]:
    """Commit the open transaction, or roll it back on an error."""
    try:
        yield
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise


def begin_immediately(connection: sqlite3.Connection, busy_timeout: float) -> bool:
    """Begin a transaction for writing. Return False if another process is writing.

    Args:
        connection: a connection in autocommit mode.
        busy_timeout: its busy timeout, in seconds.
    """
    connection.execute("PRAGMA busy_timeout = 0")
    try:
        connection.execute("BEGIN IMMEDIATE")
    except sqlite3.OperationalError as error:
        if "locked" not in str(error):
            raise
        return False
    finally:
        connection.execute(f"PRAGMA busy_timeout = {round(busy_timeout * 1000)}")
    return True
