"""Timestamps: datetimes in UTC, and their RFC 3339 form in the API."""

from __future__ import annotations

import re
from datetime import datetime, timedelta, timezone

__all__ = ["format_timestamp", "parse_timestamp", "utc_now"]

_RFC_3339 = re.compile(
    r"(\d{4}-\d\d-\d\d)[Tt ](\d\d:\d\d):(\d\d)(?:\.(\d+))?([Zz]|[+-]\d\d:\d\d)", re.ASCII
)


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
    """Return the time that an RFC 3339 text means, in UTC, without what is below a microsecond.

    Raises:
        ValueError: The text isn't in this format, or the time is outside the years 1 to 9999.
    """
    match = _RFC_3339.fullmatch(text)
    if match is None:
        raise ValueError("is not an RFC 3339 time")
    day, minute, second, fraction, offset = match.groups()
    zone = "+00:00" if offset in {"Z", "z"} else offset
    time = datetime.fromisoformat(f"{day}T{minute}:00{zone}")
    # Added, since a second may be 60.
    passed = timedelta(seconds=int(second), microseconds=int((fraction or "")[:6].ljust(6, "0")))
    try:
        return time.astimezone(timezone.utc) + passed
    except OverflowError:
        raise ValueError("is not within the years 1 to 9999") from None
