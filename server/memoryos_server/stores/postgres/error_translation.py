"""Translation of PostgreSQL errors into `ServiceError`s.

Messages of psycopg are never passed on: they may contain the address, the user or values.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

import psycopg
from psycopg import errors
from psycopg_pool import PoolClosed, PoolTimeout

from memoryos_server.model.errors import ReadOnlyStoreError, ServiceError, unavailable
from memoryos_server.stores.row_mapper import DamagedValueError

from .connection_failures import connection_failure
from .unusable_database import unusable

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = [
    "CLOSED",
    "LostConnectionError",
    "is_conflict",
    "is_duplicate",
    "read_only_error",
    "translated",
]

CLOSED = "This Memory OS is closed"

_CONFLICTS = (errors.SerializationFailure, errors.DeadlockDetected, errors.ForeignKeyViolation)
_CONFLICT = "Others are writing to the same memories"
_FOREIGN_KEY = "violates foreign key constraint"
_UNIQUE = "violates unique constraint"


def is_conflict(error: psycopg.Error) -> bool:
    """Return whether two transactions conflict; the one that gets this error may run again.

    A foreign key is violated where another transaction has deleted a tag that this one attaches.
    Citus reports some errors of its workers as internal ones.
    """
    is_internal = isinstance(error, errors.InternalError_)
    return isinstance(error, _CONFLICTS) or (is_internal and _FOREIGN_KEY in str(error))


def is_duplicate(error: psycopg.Error) -> bool:
    """Return whether a row has the key of a stored one; Citus may report it as internal."""
    is_internal = isinstance(error, errors.InternalError_)
    return isinstance(error, errors.UniqueViolation) or (is_internal and _UNIQUE in str(error))


class LostConnectionError(psycopg.OperationalError):
    """The connection broke in a transaction that was not to be committed yet.

    Args:
        cause: the error that told it.
    """

    def __init__(self, cause: BaseException) -> None:
        super().__init__(str(cause))
        self.sqlstate = getattr(cause, "sqlstate", None)


# By SQLSTATE, or by its class, the first two characters.
_TRANSIENT = {
    "08": "The connection to the database was lost",
    "25P03": "The connection to the database was idle too long",
    "25P04": "The database took too long",
    "40": _CONFLICT,
    "53": "The database lacks memory or another resource",
    "53100": "The disk that holds the database is full",
    "53300": "The database takes no more connections",
    "57": "The database is being stopped or started",
    "57014": "The database took too long",
    "58": "The disk that holds the database can't be read or written",
}
_PERMANENT = {
    "28": "refuses this user or password",
    "3D": "does not exist",
    "3F": "lacks tables that Memory OS created",
    "42501": "does not allow this user what Memory OS needs: make this user the owner of the "
    "schema memoryos and its tables",
    "42704": "does not allow this user the extension vector (pgvector): grant USAGE on its schema",
    "42883": "does not allow this user the extension vector (pgvector): grant USAGE on its schema",
    "42703": "has tables with unexpected columns",
    "42P01": "lacks tables that Memory OS created",
    "XX001": "is damaged",
    "XX002": "is damaged",
}
_READ_ONLY = "25006"
_STATEMENT_POOLING = "statement pooling"
"""In the message of pgbouncer, whose SQLSTATE is that of a lost connection."""


def read_only_error(name: str) -> ReadOnlyStoreError:
    """Return the error of a write to a database that only answers reads."""
    return ReadOnlyStoreError(
        f"The database {name} is read-only, as a standby is: connect to its primary"
    )


@contextmanager
def translated(name: str) -> Iterator[None]:
    """Translate psycopg errors of the database called `name`.

    Raises:
        ReadOnlyStoreError: the database only answers reads.
        ServiceError: with status 503 if a retry may succeed, otherwise with status 500.
    """
    try:
        yield
    except DamagedValueError as error:
        raise unusable(name, "is damaged") from error
    except errors.LockNotAvailable:
        raise  # requested by a caller that doesn't wait
    except psycopg.Error as error:
        failure = _failure(name, error)
        if failure is None:
            raise
        raise failure from error


def _failure(name: str, error: psycopg.Error) -> ServiceError | None:
    if isinstance(error, PoolClosed):
        return unavailable(CLOSED)
    if isinstance(error, PoolTimeout):
        return unavailable("All connections to the database are in use")
    if _STATEMENT_POOLING in str(error):
        return unusable(name, "is behind a pooler with pool_mode statement: set it to transaction")
    return _failed_statement(name, error)


def _failed_statement(name: str, error: psycopg.Error) -> ServiceError | None:
    state = error.sqlstate or ""
    if state == _READ_ONLY:
        return read_only_error(name)
    for code in (state, state[:2]):
        if code in _TRANSIENT:
            return unavailable(_TRANSIENT[code])
        if code in _PERMANENT:
            return unusable(name, _PERMANENT[code])
    if is_conflict(error):  # once more after the last attempt
        return unavailable(_CONFLICT)
    is_connection = isinstance(error, (psycopg.OperationalError, psycopg.ProgrammingError))
    # An internal error without a state is psycopg's: the answers didn't fit the questions.
    is_connection = is_connection or isinstance(error, psycopg.InternalError)
    return connection_failure(name, str(error)) if is_connection and not state else None
