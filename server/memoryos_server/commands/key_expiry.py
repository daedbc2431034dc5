"""When a key ends, as people say it."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta, timezone

__all__ = ["EXAMPLES", "read_expiry"]

EXAMPLES = "30d, 12h, 90min, 2027-01-31, 2027-01-31T18:00:00Z or never"
"""How a time may be written."""

_AFTER = re.compile(r"([1-9][0-9]{0,7})(d|h|min)", re.ASCII)
_UNITS = {"d": timedelta(days=1), "h": timedelta(hours=1), "min": timedelta(minutes=1)}


def read_expiry(text: str, now: datetime) -> datetime | None:
    """Return the time that is meant by `text`, or None for never.

    A day ends the key as it begins, in UTC; a time without a zone is UTC too.

    Args:
        text: such as one of `EXAMPLES`.
        now: the present time, with its zone.

    Raises:
        ValueError: it is not written so, or the time has passed.
    """
    if text == "never":
        return None
    match = _AFTER.fullmatch(text)
    time = _moment(text) if match is None else _later(now, int(match[1]) * _UNITS[match[2]])
    if time <= now:
        raise ValueError(f"has passed already: {text}")
    return time


def _later(now: datetime, step: timedelta) -> datetime:
    try:
        return now + step
    except OverflowError:
        raise ValueError(f"not a time such as {EXAMPLES}") from None


def _moment(text: str) -> datetime:
    try:
        if "T" not in text:
            day = date.fromisoformat(text)
            return datetime(day.year, day.month, day.day, tzinfo=timezone.utc)
        # Python 3.10 reads no Z.
        time = datetime.fromisoformat(text.replace("Z", "+00:00"))
    except ValueError:
        raise ValueError(f"not a time such as {EXAMPLES}: {text}") from None
    return time if time.tzinfo is not None else time.replace(tzinfo=timezone.utc)
