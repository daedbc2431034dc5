"""Timestamps: datetimes in UTC, and their RFC 3339 form in the API."""

from __future__ import annotations

from datetime import datetime, timezone

__all__ = ["format_timestamp", "utc_now"]


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
