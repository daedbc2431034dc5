"""What PostgreSQL says when something is wrong, said so that a user knows what to do.

No message repeats what psycopg says: that may hold the address, the user, or a value.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

import psycopg
from psycopg import errors
from psycopg_pool import PoolClosed, PoolTimeout

from memoryos_server.model.errors import ServiceError, unavailable

from .columns import DamagedValueError

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["CLOSED", "CONFLICTS", "translated", "unusable"]

CLOSED = "This Memory OS is closed"

CONFLICTS = (errors.SerializationFailure, errors.DeadlockDetected)
"""Two transactions got into each other's way: the one that hears of it may simply begin again."""

# By SQLSTATE, or by its class: the first two characters.
_PASSING = {
    "08": "The connection to the database was lost",
    "40": "Others are writing to the same memories",
    "53": "The database lacks memory or another resource",
    "53100": "The disk that holds the database is full",
    "53300": "The database takes no more connections",
    "57": "The database is being stopped or started",
    "57014": "The database took too long",
    "58": "The disk that holds the database can't be read or written",
}
_LASTING = {
    "25006": "may not be written",
    "28": "refuses this user or password",
    "3D": "does not exist",
    "3F": "lacks tables that were there",
    "42501": "does not allow this user what Memory OS needs",
    "42703": "has tables of another form",
    "42P01": "lacks tables that were there",
    "XX001": "is damaged",
    "XX002": "is damaged",
}
# Where the connection itself fails there is no code, only the server's sentence.
_REFUSALS = {
    "password": "refuses this user or password",
    "authentication": "refuses this user or password",
    "pg_hba.conf": "refuses this user or password",
    "role": "refuses this user or password",
    "does not exist": "does not exist",
}


def unusable(name: str, sentence: str) -> ServiceError:
    """Return the error of a database that can't be used until somebody does something about it.

    Args:
        name: what to call the database.
        sentence: what is wrong with it, such as `is damaged`.
    """
    return ServiceError(500, "INTERNAL_ERROR", f"The database {name} {sentence}")


@contextmanager
def translated(name: str) -> Iterator[None]:
    """Turn what psycopg raises about the database called `name` into a `ServiceError`.

    Raises:
        ServiceError: with status 503 where the trouble may pass, with 500 where it will not.
    """
    try:
        yield
    except DamagedValueError as error:
        raise unusable(name, "is damaged") from error
    except errors.LockNotAvailable:
        raise  # asked for by who does not want to wait
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
    for sign in (state, state[:2]):
        if sign in _PASSING:
            return unavailable(_PASSING[sign])
        if sign in _LASTING:
            return unusable(name, _LASTING[sign])
    if isinstance(error, psycopg.OperationalError) and not state:
        return _connection_failure(name, str(error))
    return None


def _connection_failure(name: str, said: str) -> ServiceError:
    for sign, sentence in _REFUSALS.items():
        if "FATAL" in said and sign in said:
            return unusable(name, sentence)
    return unavailable(f"The database {name} can't be reached")
