"""Translation of SQLite errors into `ServiceError`s."""

from __future__ import annotations

import sqlite3
from contextlib import contextmanager
from typing import TYPE_CHECKING

from memoryos_server.model.errors import ReadOnlyStoreError, ServiceError, unavailable
from memoryos_server.stores.row_mapper import DamagedValueError

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = [
    "DAMAGE_ADVICE",
    "DamagedStoreError",
    "StoreUnusableError",
    "read_only_error",
    "translated",
]

DAMAGE_ADVICE = (
    "put a backup in its place with `memoryos restore`, or save what can still be read with "
    "`memoryos export`"
)
"""What the user can do about a damaged database."""

# Parts of SQLite's messages, and ours.
_TRANSIENT = {
    "locked": "Another program is writing to the database",
    "busy": "Another program is writing to the database",
    "full": "The disk that holds the database is full",
    "disk i/o error": "The disk that holds the database can't be read or written",
}
_CANT_OPEN = "can't be opened; check the permissions of the file and of its folder"
_DAMAGED = f"is damaged; {DAMAGE_ADVICE}"
_DAMAGE = {
    "not a database": "is not a SQLite database, or is damaged",
    "malformed": _DAMAGED,
    "could not decode": _DAMAGED,
}


class StoreUnusableError(ServiceError):
    """The database can't be used until the user fixes it."""

    def __init__(self, message: str) -> None:
        super().__init__(500, "INTERNAL_ERROR", message)


class DamagedStoreError(StoreUnusableError):
    """The pages or the values of the database can't be read as they should."""


def read_only_error(name: str) -> ReadOnlyStoreError:
    """Return the error of a write to the database called `name`, which can't be written."""
    return ReadOnlyStoreError(
        f"The database {name} is read-only: check the permissions of the file and of its folder, "
        "and whether the disk can be written"
    )


@contextmanager
def translated(name: str) -> Iterator[None]:
    """Translate SQLite errors of the database called `name`.

    Raises:
        DamagedStoreError: the file is damaged or not a database.
        StoreUnusableError: the file can't be opened.
        ReadOnlyStoreError: the file can't be written.
        ServiceError: with status 503, a retry may succeed.
    """
    try:
        yield
    except (DamagedValueError, UnicodeDecodeError) as error:  # the latter for SQLite's own messages
        raise DamagedStoreError(f"The database {name} {_DAMAGED}") from error
    except sqlite3.DatabaseError as error:
        failure = _failure(name, error)
        if failure is None:
            raise
        raise failure from error


def _failure(name: str, error: sqlite3.DatabaseError) -> ServiceError | None:
    message = str(error).lower()
    for part, sentence in _TRANSIENT.items():
        if part in message:
            return unavailable(sentence)
    if "readonly" in message:
        return read_only_error(name)
    if "unable to open" in message:
        return StoreUnusableError(f"The database {name} {_CANT_OPEN}")
    for part, sentence in _DAMAGE.items():
        if part in message:
            return DamagedStoreError(f"The database {name} {sentence}")
    # Errors of statements and values have subclasses; the base class means damage.
    if type(error) is sqlite3.DatabaseError:
        return DamagedStoreError(f"The database {name} {_DAMAGED}")
    return None
