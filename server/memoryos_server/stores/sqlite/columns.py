"""How values are written into columns, and read back."""

from __future__ import annotations

import json
from datetime import datetime, timedelta, timezone
from functools import wraps
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = [
    "DamagedValueError",
    "from_json",
    "from_time",
    "optional_from_time",
    "optional_to_time",
    "reading",
    "to_json",
    "to_time",
]

T = TypeVar("T")

_EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)
_MICROSECOND = timedelta(microseconds=1)


class DamagedValueError(Exception):
    """A column holds what nothing here has written."""


def reading(read: Callable[[tuple[Any, ...]], T]) -> Callable[[tuple[Any, ...]], T]:
    """Have a function that makes a record of a row raise `DamagedValueError` where it can't.

    SQLite finds damage in its own structures only: what stands in a column is for us to find out.
    """

    @wraps(read)
    def record(row: tuple[Any, ...]) -> T:
        try:
            return read(row)
        except (TypeError, ValueError, OverflowError, LookupError) as error:
            raise DamagedValueError from error

    return record


def from_time(time: datetime) -> int:
    """Return a time as microseconds since 1970 in UTC."""
    return (time - _EPOCH) // _MICROSECOND


def to_time(microseconds: int) -> datetime:
    """Return the time that `from_time` wrote."""
    return _EPOCH + timedelta(microseconds=microseconds)


def optional_from_time(time: datetime | None) -> int | None:
    """Return `from_time`, or None for None."""
    return None if time is None else from_time(time)


def optional_to_time(microseconds: int | None) -> datetime | None:
    """Return `to_time`, or None for None."""
    return None if microseconds is None else to_time(microseconds)


def to_json(value: Any) -> str:
    """Return a JSON value as text."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def from_json(text: str) -> Any:
    """Return the JSON value that `to_json` wrote."""
    return json.loads(text)
