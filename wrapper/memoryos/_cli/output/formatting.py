"""Texts for people: harmless on a terminal, short, and with numbers that are quickly read."""

from __future__ import annotations

import json
import re
from datetime import datetime, timezone
from typing import Any, Optional

__all__ = [
    "age",
    "clean",
    "duration",
    "local_time",
    "number",
    "one_line",
    "plural",
    "format_json",
    "seconds_since",
    "truncate",
]

_MINUTE, _HOUR, _DAY, _YEAR = 60, 3600, 86_400, 31_557_600
# Control characters but tab and line feed; what turns the direction of text; lone surrogates.
_UNSAFE_CHARACTERS = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
_FRACTION = re.compile(r"\.(\d+)")


def clean(text: str) -> str:
    """Return a text that can't steer a terminal: control characters are shown, not sent."""
    return _UNSAFE_CHARACTERS.sub("\N{REPLACEMENT CHARACTER}", text)


def one_line(text: str) -> str:
    """Return a text in one line, clean, with single spaces."""
    return clean(" ".join(text.split()))


def truncate(text: str, width: int) -> str:
    """Return a text of at most `width` characters, with an ellipsis where some are left out."""
    return text if len(text) <= width else f"{text[: max(width - 1, 0)].rstrip()}…"


def format_json(value: Any) -> str:
    """Return a JSON value in one line, clean."""
    return clean(json.dumps(value, ensure_ascii=False))


def number(value: int) -> str:
    """Return a whole number with its thousands apart."""
    return f"{value:,}"


def plural(count: int, one: str, many: str = "") -> str:
    """Return a count with its noun: `1 memory`, `2,000 memories`."""
    return f"{number(count)} {one if count == 1 else many or one + 's'}"


def duration(seconds: float) -> str:
    """Return a time span in its largest unit or two: `45 s`, `3 min`, `2 h`, `12 d`."""
    whole = round(abs(seconds))
    if whole < 2 * _MINUTE:
        return f"{whole} s"
    if whole < 2 * _HOUR:
        return f"{whole // _MINUTE} min"
    if whole < 2 * _DAY:
        return f"{whole // _HOUR} h"
    return f"{whole // _DAY} d" if whole < 2 * _YEAR else f"{whole // _YEAR} y"


def seconds_since(timestamp: str, now: datetime) -> Optional[float]:
    """Return how long ago a time of the API was; None where it is no time."""
    moment = _moment(timestamp)
    return None if moment is None else (now - moment).total_seconds()


def age(timestamp: Optional[str], now: datetime) -> str:
    """Return how long ago a time of the API was, or how far ahead it is."""
    passed = None if timestamp is None else seconds_since(timestamp, now)
    if passed is None:
        return "-" if timestamp is None else one_line(timestamp)
    if passed < 0:
        return f"in {duration(passed)}"
    return "now" if passed < 1 else f"{duration(passed)} ago"


def local_time(timestamp: str) -> str:
    """Return a time of the API as this machine's clock shows it, to the second."""
    moment = _moment(timestamp)
    return one_line(timestamp) if moment is None else f"{moment.astimezone():%Y-%m-%d %H:%M:%S}"


def _moment(timestamp: str) -> Optional[datetime]:
    # Before Python 3.11 `fromisoformat` takes neither a Z nor other than 3 or 6 digits.
    text = re.sub("[zZ]$", "+00:00", timestamp)
    text = _FRACTION.sub(lambda found: f".{found[1][:6]:0<6}", text, count=1)
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=timezone.utc)
