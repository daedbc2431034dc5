"""The expiry of an API key, as the command line takes it."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta, timezone

__all__ = ["EXAMPLES", "read_expiry"]

EXAMPLES = "30d, 12h, 90min, 2027-01-31, 2027-01-31T18:00:00Z or never"
"""The forms of an expiry, for messages."""

_AFTER = re.compile(r"([1-9][0-9]{0,7})(d|h|min)", re.ASCII)
_UNITS = {"d": timedelta(days=1), "h": timedelta(hours=1), "min": timedelta(minutes=1)}


def read_expiry(text: str, now: datetime) -> datetime | None:
    """Return the time that `text` means, or None for never.

    A date means its first moment in UTC; a time without a zone is in UTC.

    Args:
        text: An expiry in one of the forms of `EXAMPLES`.
        now: The current time, with its zone.

    Raises:
        ValueError: The text has none of these forms, or the time is in the past.
    """
    if text == "never":
        return None
    match = _AFTER.fullmatch(text)
    time = _parse_time(text) if match is None else _later(now, int(match[1]) * _UNITS[match[2]])
    if time <= now:
        raise ValueError(f"must be in the future, not {text}")
    return time


def _later(now: datetime, delta: timedelta) -> datetime:
    try:
        return now + delta
    except OverflowError:
        raise ValueError(f"must be a time such as {EXAMPLES}") from None


def _parse_time(text: str) -> datetime:
    try:
        if "T" not in text:
            day = date.fromisoformat(text)
            return datetime(day.year, day.month, day.day, tzinfo=timezone.utc)
        # Python 3.10 reads no Z.
        time = datetime.fromisoformat(text.replace("Z", "+00:00"))
    except ValueError:
        raise ValueError(f"must be a time such as {EXAMPLES}, not {text}") from None
    return time if time.tzinfo is not None else time.replace(tzinfo=timezone.utc)
