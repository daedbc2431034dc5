"""Timestamps: datetimes in UTC, and their RFC 3339 form in the API."""

from __future__ import annotations

import re
from datetime import datetime, timedelta, timezone

__all__ = ["format_timestamp", "parse_timestamp", "utc_now"]

_TIMESTAMP = re.compile(
    r"(\d{4}-\d\d-\d\d[Tt]\d\d:\d\d):(\d\d)(?:\.(\d+))?([Zz]|[+-]\d\d:\d\d)", re.ASCII
)
_MICROSECOND_DIGITS = 6


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
    microseconds gives the same as comparing the exact time.

    Args:
        text: The timestamp; its second may be 60.

    Raises:
        ValueError: It is no timestamp, or not within the years 1 to 9999 in UTC.
    """
    found = _TIMESTAMP.fullmatch(text)
    if found is None:
        raise ValueError("is not a date and time in RFC 3339 format")
    minute, second, fraction, zone = found.groups(default="")
    microseconds = int(fraction[:_MICROSECOND_DIGITS].ljust(_MICROSECOND_DIGITS, "0"))
    is_finer = fraction[_MICROSECOND_DIGITS:].strip("0") != ""
    after_minute = timedelta(seconds=int(second), microseconds=microseconds + is_finer)
    try:
        start = datetime.fromisoformat(minute.upper() + zone.upper().replace("Z", "+00:00"))
        return start.astimezone(timezone.utc) + after_minute
    except (ValueError, OverflowError):
        raise ValueError("is not within the years 1 to 9999") from None
