"""Parse Retry-After headers (RFC 9110, section 10.2.3)."""

from __future__ import annotations

import re
from datetime import timezone
from email.utils import parsedate_to_datetime
from typing import Mapping, Optional

RETRY_AFTER_CAP_SECONDS = 60.0
"""The longest wait; if the service asks for more, the call fails at once."""

DEFAULT_RETRY_AFTER_SECONDS = 1
"""`retry_after` of a `RateLimitError` if the response has no usable header."""

MAX_RETRY_AFTER_SECONDS = 2**31
"""`retry_after` of a header with a larger number; so RFC 9111 reads seconds that overflow."""

# RFC 9110 has whole seconds; services also send fractions.
_NUMBER = re.compile(r"[0-9]+(?:\.[0-9]+)?")
_TIME = r"[0-9]{2}:[0-9]{2}:[0-9]{2}"
_ZONE = r"(?:GMT|UTC|[+-][0-9]{4})"
_DATES = (
    re.compile(rf"[A-Z][a-z]{{2}}, [0-9]{{1,2}} [A-Z][a-z]{{2}} [1-9][0-9]{{3}} {_TIME} {_ZONE}"),
    re.compile(rf"[A-Z][a-z]+, [0-9]{{2}}-[A-Z][a-z]{{2}}-[0-9]{{2}} {_TIME} {_ZONE}"),
    re.compile(rf"[A-Z][a-z]{{2}} [A-Z][a-z]{{2}} [ 0-9][0-9] {_TIME} [1-9][0-9]{{3}}"),
)


def retry_after(headers: Mapping[str, str], now: float) -> Optional[float]:
    """Return the seconds to wait, or None if there is no usable header.

    Args:
        headers: The response headers, by lower-case name.
        now: The current time, in seconds since the epoch; used if the response has no `Date`.
    """
    milliseconds = _seconds(headers.get("retry-after-ms", ""))
    if milliseconds is not None:
        return _plain(milliseconds / 1000)
    value = headers.get("retry-after", "")
    seconds = _seconds(value)
    if seconds is not None:
        return _plain(seconds)
    due = http_date(value)
    if due is None:
        return None
    # With both dates from the service, a difference between the clocks doesn't matter.
    sent = http_date(headers.get("date", ""))
    return _plain(max(0.0, due - (now if sent is None else sent)))


def _seconds(value: str) -> Optional[float]:
    # Not everything that float() accepts: "1_000", "1e3", "+5", "inf" and digits of other scripts.
    if _NUMBER.fullmatch(value.strip(" \t")) is None:
        return None
    return min(float(value), MAX_RETRY_AFTER_SECONDS)


def http_date(value: str) -> Optional[float]:
    """Return an HTTP date in seconds since the epoch; None if it is none."""
    # The parser is made for e-mails, and accepts much more than HTTP dates.
    if not any(form.fullmatch(value.strip(" \t")) for form in _DATES):
        return None
    try:
        date = parsedate_to_datetime(value)
        # The obsolete asctime format has no time zone; it is UTC, like the other formats.
        return (date if date.tzinfo else date.replace(tzinfo=timezone.utc)).timestamp()
    except (TypeError, ValueError, IndexError, OverflowError):
        return None


def _plain(seconds: float) -> float:
    """Return whole seconds as an int, so that a message reads `2s`, not `2.0s`."""
    return int(seconds) if seconds == int(seconds) else seconds
