"""What PostgreSQL says when something is wrong, said so that a user knows what to do.

No message repeats what psycopg says: that may hold the address, the user, or a value.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

import psycopg
from psycopg import errors
from psycopg_pool import PoolClosed, PoolTimeout

from memoryos_server.errors import ServiceError, unavailable

from .columns import DamagedValueError

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["CLOSED", "CONFLICTS", "translated", "unusable"]

CLOSED = "This Memory OS is closed"

CONFLICTS = (errors.SerializationFailure, errors.DeadlockDetected)
"""Two transactions got into each other's way: the one that hears of it may simply begin again."""

_PASSING: tuple[tuple[type[Exception], str], ...] = (
    (PoolClosed, CLOSED),
    (PoolTimeout, "All connections to the database are in use"),
    (errors.SerializationFailure, "Others are writing to the same memories"),
    (errors.DeadlockDetected, "Others are writing to the same memories"),
    (errors.DiskFull, "The disk that holds the database is full"),
    (errors.TooManyConnections, "The database takes no more connections"),
    (errors.InsufficientResources, "The database lacks memory or another resource"),
    (errors.QueryCanceled, "The database took too long"),
    (errors.OperatorIntervention, "The database is being stopped or started"),
)
_LASTING: tuple[tuple[type[Exception], str], ...] = (
    (errors.InvalidPassword, "refuses this user or password"),
    (errors.InvalidAuthorizationSpecification, "refuses this user or password"),
    (errors.InvalidCatalogName, "does not exist"),
    (errors.ReadOnlySqlTransaction, "may not be written"),
    (errors.InsufficientPrivilege, "does not allow this user what Memory OS needs"),
    (errors.UndefinedTable, "lacks tables that were there"),
    (errors.UndefinedColumn, "has tables of another form"),
    (errors.DataCorrupted, "is damaged"),
    (errors.IndexCorrupted, "is damaged"),
)
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
    for kind, sentence in _PASSING:
        if isinstance(error, kind):
            return unavailable(sentence)
    for kind, sentence in _LASTING:
        if isinstance(error, kind):
            return unusable(name, sentence)
    if type(error) is psycopg.OperationalError or isinstance(error, errors.ConnectionTimeout):
        return _connection_failure(name, str(error))
    return None


def _connection_failure(name: str, said: str) -> ServiceError:
    for sign, sentence in _REFUSALS.items():
        if "FATAL" in said and sign in said:
            return unusable(name, sentence)
    return unavailable(f"The database {name} can't be reached")
