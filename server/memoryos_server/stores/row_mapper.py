"""Conversion between records and rows, driven by the declared columns."""

from __future__ import annotations

import json
import math
from datetime import datetime
from functools import wraps
from operator import attrgetter
from typing import TYPE_CHECKING, Any, Generic, NamedTuple, TypeVar

from memoryos_server.search.decay import DECAY_RATES_PER_HOUR

from .columns import ColumnType

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from .columns import Column

    Convert = Callable[[Any], Any]
    Row = tuple[Any, ...]

__all__ = [
    "SHARED_CODECS",
    "Codec",
    "DamagedValueError",
    "RowMapper",
    "column_definition",
    "detect_damage",
    "from_json",
    "to_json",
]

T = TypeVar("T")

_ENCODER = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))


class DamagedValueError(Exception):
    """A column holds a value that no store has written."""


def detect_damage(read: Callable[[Row], T]) -> Callable[[Row], T]:
    """Make a function that reads a row raise `DamagedValueError` for values that it can't read.

    A database detects damage in its own structures only, not in the values of columns.
    """

    @wraps(read)
    def checked(row: Row) -> T:
        try:
            return read(row)
        except (AttributeError, TypeError, ValueError, OverflowError, LookupError) as error:
            raise DamagedValueError from error

    return checked


def to_json(value: Any) -> str:
    """Return a JSON value as text.

    PostgreSQL's type `jsonb` would reorder the names of an object and reject NUL characters.
    """
    return _ENCODER.encode(value)


def from_json(text: str) -> Any:
    """Return the JSON value that `to_json` wrote."""
    return json.loads(text)


class Codec(NamedTuple):
    """Conversion of one column type; None where the driver converts the value."""

    encode: Convert | None = None
    decode: Convert | None = None


def _checked_tier(tier: Any) -> Any:
    if tier not in DECAY_RATES_PER_HOUR:
        raise ValueError("unknown tier")
    return tier


def _checked_number(number: Any) -> Any:
    if not math.isfinite(number):
        raise ValueError("infinite or not a number")
    return number


SHARED_CODECS: Mapping[ColumnType, Codec] = {
    ColumnType.TIER: Codec(decode=_checked_tier),
    ColumnType.REAL: Codec(decode=_checked_number),
    ColumnType.JSON_OBJECT: Codec(to_json, from_json),
    ColumnType.JSON_LIST: Codec(to_json, lambda text: tuple(from_json(text))),
}
"""The codecs that all stores share."""

_PYTHON_TYPES: Mapping[ColumnType, tuple[type, ...]] = {
    ColumnType.TEXT: (str,),
    ColumnType.TIER: (str,),
    ColumnType.INTEGER: (int,),
    ColumnType.REAL: (float, int),
    ColumnType.TIME: (datetime,),
    ColumnType.JSON_OBJECT: (dict,),
    ColumnType.JSON_LIST: (tuple,),
}


class RowMapper(Generic[T]):
    """Converts records of one type to rows, and back.

    Args:
        record: the type; its fields are the columns, in their order.
        columns: the columns of a row, in their order.
        codecs: the store's codec of each column type; values of other types stay as they are.
    """

    def __init__(
        self,
        record: Callable[..., T],
        columns: Sequence[Column],
        codecs: Mapping[ColumnType, Codec],
    ) -> None:
        self._record = record
        self._get_fields: Callable[[T], Row] = attrgetter(*(column.name for column in columns))
        self._encoders = _converters(columns, codecs, "encode")
        self._decoders = _converters(columns, codecs, "decode")
        self._types = [
            (*_PYTHON_TYPES[column.type], *((type(None),) if column.nullable else ()))
            for column in columns
        ]
        self.names = tuple(column.name for column in columns)
        self.column_list = ", ".join(self.names)
        self.from_row = detect_damage(self._read)

    def qualified_column_list(self, table: str) -> str:
        """Return the columns, each with the name of its table."""
        return ", ".join(f"{table}.{name}" for name in self.names)

    def to_row(self, record: T) -> Row:
        """Return the values of the columns for a record."""
        values = list(self._get_fields(record))
        for position, encode in self._encoders:
            values[position] = encode(values[position])
        return tuple(values)

    def changed_columns(self, before: T, after: T) -> dict[str, Any]:
        """Return the values of `after`, by column, where they differ from those of `before`."""
        columns = zip(self.names, self.to_row(before), self.to_row(after), strict=True)
        return {name: value for name, former, value in columns if value != former}

    def _read(self, row: Row) -> T:
        values = list(row)
        for position, decode in self._decoders:
            values[position] = decode(values[position])
        # SQLite stores a value of any type in any column.
        if not all(map(isinstance, values, self._types)):
            raise TypeError("a value has another type than its column")
        return self._record(*values)


def column_definition(column: Column, types: Mapping[ColumnType, str], *, memories: str) -> str:
    """Return the definition of a column, as CREATE TABLE and ADD COLUMN take it.

    Args:
        column: the column.
        types: the store's SQL type of each column type.
        memories: the name of the table of memories.
    """
    null = "" if column.nullable else "NOT NULL"
    constraint = column.constraint.format(memories=memories)
    return " ".join(filter(None, (column.name, types[column.type], null, constraint)))


def _converters(
    columns: Sequence[Column], codecs: Mapping[ColumnType, Codec], direction: str
) -> list[tuple[int, Convert]]:
    converters = []
    for position, column in enumerate(columns):
        convert = getattr(codecs.get(column.type, Codec()), direction)
        if convert is not None:
            converters.append((position, _optional(convert) if column.nullable else convert))
    return converters


def _optional(convert: Convert) -> Convert:
    return lambda value: None if value is None else convert(value)
