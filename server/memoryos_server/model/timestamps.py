"""Timestamps: datetimes in UTC, and their RFC 3339 form in the API."""

from __future__ import annotations

import re
from datetime import datetime, timedelta, timezone

__all__ = ["format_timestamp", "parse_timestamp", "utc_now"]

_TIMESTAMP = re.compile(
    r"(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(?:\.(\d+))?(?:Z|([+-])(\d\d):(\d\d))",
    re.ASCII | re.IGNORECASE,
)
_MICROSECOND_DIGITS = 6
_FIRST = datetime.min.replace(tzinfo=timezone.utc)
_LAST = datetime.max.replace(tzinfo=timezone.utc)


def utc_now() -> datetime:
    """Return the current time in UTC."""
    return datetime.now(timezone.utc)


def format_timestamp(time: datetime, *, timespec: str = "microseconds") -> str:
    """Return `time` in the format of the API, such as `2026-11-02T08:15:00.000000Z`.

    Args:
        time: A time with a time zone.
        timespec: The smallest unit to include, as in `datetime.isoformat`.
    """
    utc = time.astimezone(timezone.utc).replace(tzinfo=None)
    return utc.isoformat(timespec=timespec) + "Z"


def parse_timestamp(text: str) -> datetime:
    """Return an RFC 3339 timestamp as a datetime in UTC.

    Finer fractions than microseconds are rounded up, so that comparing the result with a time in
    microseconds gives the same as comparing the exact time. A time before the year 1 or after 9999
    becomes the first or the last one that a datetime can have.

    Args:
        text: A valid timestamp, in which the second may be 60.
    """
    found = _TIMESTAMP.fullmatch(text)
    if found is None:
        raise ValueError("not an RFC 3339 timestamp")
    *date_and_minute, second, fraction, sign, hours, minutes = found.groups()
    year, *rest = map(int, date_and_minute)
    offset = timedelta(hours=int(hours or 0), minutes=int(minutes or 0))
    fraction = (fraction or "").ljust(_MICROSECOND_DIGITS, "0")
    beyond = fraction[_MICROSECOND_DIGITS:].strip("0")
    microseconds = int(fraction[:_MICROSECOND_DIGITS]) + bool(beyond)
    after_minute = timedelta(seconds=int(second), microseconds=microseconds)
    if year == 0:
        return _FIRST
    minute = datetime(year, *rest, tzinfo=timezone.utc)
    try:
        return minute + ((offset if sign == "-" else -offset) + after_minute)
    except OverflowError:
        return _FIRST if year == 1 else _LAST
