"""What SQLite says when something is wrong, said so that a user knows what to do."""

from __future__ import annotations

import sqlite3
from contextlib import contextmanager
from typing import TYPE_CHECKING

from memoryos_server.model.errors import ServiceError, unavailable

from .columns import DamagedValueError

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["StoreUnusableError", "translated"]

_PASSING = {
    "locked": "Another program is writing to the database",
    "busy": "Another program is writing to the database",
    "full": "The disk that holds the database is full",
    "disk i/o error": "The disk that holds the database can't be read or written",
}
_LASTING = {
    "readonly": "may not be written",
    "unable to open": "can't be opened",
    "not a database": "is not a SQLite database, or is damaged",
    "malformed": "is damaged",
    "could not decode": "is damaged",
}


class StoreUnusableError(ServiceError):
    """The database can't be used until somebody does something about it."""

    def __init__(self, message: str) -> None:
        super().__init__(500, "INTERNAL_ERROR", message)


@contextmanager
def translated(name: str) -> Iterator[None]:
    """Turn what SQLite raises about the database called `name` into a `ServiceError`.

    Raises:
        StoreUnusableError: the file is damaged, foreign or not writable.
        ServiceError: with status 503, the trouble may pass.
    """
    try:
        yield
    except (DamagedValueError, UnicodeDecodeError) as error:  # the latter: in SQLite's own words
        raise StoreUnusableError(f"The database {name} is damaged") from error
    except sqlite3.DatabaseError as error:
        failure = _failure(name, error)
        if failure is None:
            raise
        raise failure from error


def _failure(name: str, error: sqlite3.DatabaseError) -> ServiceError | None:
    said = str(error).lower()
    for sign, sentence in _PASSING.items():
        if sign in said:
            return unavailable(sentence)
    for sign, sentence in _LASTING.items():
        if sign in said:
            return StoreUnusableError(f"The database {name} {sentence}")
    # What is wrong with a statement or a value has a class of its own; the rest is damage.
    if type(error) is sqlite3.DatabaseError:
        return StoreUnusableError(f"The database {name} is damaged")
    return None
