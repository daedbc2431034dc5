"""SQL types and codecs of the columns in SQLite."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING

from memoryos_server.stores.columns import ColumnType
from memoryos_server.stores.row_mapper import SHARED_CODECS, Codec

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["CODECS", "SQL_TYPES", "from_time", "to_time"]

SQL_TYPES: Mapping[ColumnType, str] = {
    ColumnType.TEXT: "TEXT",
    ColumnType.TIER: "TEXT",
    ColumnType.INTEGER: "INTEGER",
    ColumnType.REAL: "REAL",
    ColumnType.TIME: "INTEGER",
    ColumnType.JSON_OBJECT: "TEXT",
    ColumnType.JSON_LIST: "TEXT",
}

_EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)
_MICROSECOND = timedelta(microseconds=1)


def from_time(time: datetime) -> int:
    """Return a time as microseconds since 1970 in UTC."""
    return (time - _EPOCH) // _MICROSECOND


def to_time(microseconds: int) -> datetime:
    """Return the time that `from_time` wrote."""
    return _EPOCH + timedelta(microseconds=microseconds)


CODECS: Mapping[ColumnType, Codec] = {
    **SHARED_CODECS,
    ColumnType.TIME: Codec(from_time, to_time),
}
