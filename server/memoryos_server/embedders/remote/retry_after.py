"""Parse how long a service asks its clients to wait (RFC 9110, section 10.2.3)."""

from __future__ import annotations

import math
from datetime import timezone
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["retry_after_seconds"]


def retry_after_seconds(headers: Mapping[str, str], now: float) -> float | None:
    """Return the seconds to wait, 0 or more, or None if no usable header came.

    Args:
        headers: A response's headers; lookups are in lower case.
        now: Seconds since the epoch, used if the response has no usable `Date`.
    """
    milliseconds = _number(headers.get("retry-after-ms", ""))
    if milliseconds is not None:
        return milliseconds / 1000
    value = headers.get("retry-after", "")
    seconds = _number(value)
    if seconds is not None:
        return seconds
    due = _timestamp(value)
    if due is None:
        return None
    # The service's own date makes the difference independent of this machine's clock.
    sent = _timestamp(headers.get("date", ""))
    return max(0.0, due - (now if sent is None else sent))


def _number(value: str) -> float | None:
    try:
        number = float(value)
    except ValueError:
        return None
    return number if math.isfinite(number) and number >= 0 else None


def _timestamp(value: str) -> float | None:
    try:
        date = parsedate_to_datetime(value)
        # A date without a time zone (the obsolete asctime form) is in UTC.
        return (date if date.tzinfo else date.replace(tzinfo=timezone.utc)).timestamp()
    except (TypeError, ValueError, IndexError, OverflowError):
        return None
