"""How values are written into columns, and read back."""

from __future__ import annotations

import json
from datetime import datetime, timedelta, timezone
from typing import Any

__all__ = ["from_json", "from_time", "optional_from_time", "optional_to_time", "to_json", "to_time"]

_EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)
_MICROSECOND = timedelta(microseconds=1)


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
