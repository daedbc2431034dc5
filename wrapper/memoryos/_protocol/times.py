"""Timestamps of RFC 3339, such as `2026-11-02T08:15:00Z`, and Python's datetimes."""

from __future__ import annotations

import re
from datetime import datetime, timedelta, timezone
from typing import Optional, Union

__all__ = ["instant", "parse", "parse_leniently", "to_text"]

_TIMESTAMP = re.compile(
    r"([0-9]{4})-([0-9]{2})-([0-9]{2})[Tt ]([0-9]{2}):([0-9]{2}):([0-9]{2})"
    r"(?:\.([0-9]{1,9})[0-9]*)?(?:[Zz]|([+-])([0-9]{2}):?([0-9]{2}))"
)


def parse(text: object) -> Optional[datetime]:
    """Return a timestamp as a datetime in UTC; None if it is not RFC 3339.

    A leap second becomes the second before it. Digits beyond microseconds are dropped.
    """
    found = _TIMESTAMP.fullmatch(text) if isinstance(text, str) else None
    if found is None:
        return None
    *whole, fraction, sign, hours, minutes = found.groups()
    year, month, day, hour, minute, second = map(int, whole)
    microsecond = int((fraction or "0").ljust(6, "0")[:6])
    offset = timedelta(hours=int(hours or 0), minutes=int(minutes or 0))
    try:
        time = datetime(
            year, month, day, hour, minute, min(second, 59), microsecond, tzinfo=timezone.utc
        )
        return time + offset if sign == "-" else time - offset
    except (ValueError, OverflowError):
        return None


def parse_leniently(text: object) -> Optional[datetime]:
    """Return a timestamp as `parse` does, also one without an offset: services mean UTC."""
    return parse(text) or parse(f"{text}Z")


def to_text(time: datetime) -> str:
    """Return a datetime that `instant` accepts as a timestamp in UTC."""
    return time.astimezone(timezone.utc).isoformat().replace("+00:00", "Z")


def instant(time: Union[str, datetime, None]) -> Optional[datetime]:
    """Return an argument, a datetime with a time zone or a timestamp, as a datetime in UTC.

    None stands for something else, and for a time that in UTC is not within the years 1 to 9999.
    """
    try:
        return time.astimezone(timezone.utc) if isinstance(time, datetime) else parse(time)
    except OverflowError:
        return None
