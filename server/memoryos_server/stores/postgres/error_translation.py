"""Translation of PostgreSQL errors into `ServiceError`s.

Messages of psycopg are never passed on: they may contain the address, the user or values.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

import psycopg
from psycopg import errors
from psycopg_pool import PoolClosed, PoolTimeout

from memoryos_server.model.errors import ServiceError, unavailable
from memoryos_server.stores.row_mapper import DamagedValueError

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["CLOSED", "CONFLICTS", "translated", "unusable"]

CLOSED = "This Memory OS is closed"

CONFLICTS = (errors.SerializationFailure, errors.DeadlockDetected)
"""Two transactions conflict; the one that gets this error may run again."""

# By SQLSTATE, or by its class, the first two characters.
_TRANSIENT = {
    "08": "The connection to the database was lost",
    "40": "Others are writing to the same memories",
    "53": "The database lacks memory or another resource",
    "53100": "The disk that holds the database is full",
    "53300": "The database takes no more connections",
    "57": "The database is being stopped or started",
    "57014": "The database took too long",
    "58": "The disk that holds the database can't be read or written",
}
_PERMANENT = {
    "25006": "is read-only",
    "28": "refuses this user or password",
    "3D": "does not exist",
    "3F": "lacks tables that Memory OS created",
    "42501": "does not allow this user what Memory OS needs",
    "42703": "has tables with unexpected columns",
    "42P01": "lacks tables that Memory OS created",
    "XX001": "is damaged",
    "XX002": "is damaged",
}
# Errors during connection have no SQLSTATE, only a message.
_CONNECTION_ERRORS = {
    "password": "refuses this user or password",
    "authentication": "refuses this user or password",
    "pg_hba.conf": "refuses this user or password",
    "role": "refuses this user or password",
    "does not exist": "does not exist",
}


def unusable(name: str, sentence: str) -> ServiceError:
    """Return the error for a database that can't be used until the user fixes it.

    Args:
        name: the name of the database.
        sentence: the problem, such as `is damaged`.
    """
    return ServiceError(500, "INTERNAL_ERROR", f"The database {name} {sentence}")


@contextmanager
def translated(name: str) -> Iterator[None]:
    """Translate psycopg errors of the database called `name`.

    Raises:
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
    state = error.sqlstate or ""
    for code in (state, state[:2]):
        if code in _TRANSIENT:
            return unavailable(_TRANSIENT[code])
        if code in _PERMANENT:
            return unusable(name, _PERMANENT[code])
    if isinstance(error, psycopg.OperationalError) and not state:
        return _connection_failure(name, str(error))
    return None


def _connection_failure(name: str, message: str) -> ServiceError:
    for part, sentence in _CONNECTION_ERRORS.items():
        if "FATAL" in message and part in message:
            return unusable(name, sentence)
    return unavailable(f"The database {name} can't be reached")
