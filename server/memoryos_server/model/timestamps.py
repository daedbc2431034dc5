"""Times: UTC inside, RFC 3339 with microseconds and `Z` at the edge."""

from __future__ import annotations

from datetime import datetime, timezone

__all__ = ["timestamp", "utc_now"]


def utc_now() -> datetime:
    """Return the present time, in UTC."""
    return datetime.now(timezone.utc)


def timestamp(time: datetime, *, timespec: str = "microseconds") -> str:
    """Return `time` (any zone) as the API writes it, such as `2026-11-02T08:15:00.000000Z`.

    Args:
        time: with its zone.
        timespec: the last part to write, as `datetime.isoformat` has it.
    """
    utc = time.astimezone(timezone.utc).replace(tzinfo=None)
    return utc.isoformat(timespec=timespec) + "Z"
