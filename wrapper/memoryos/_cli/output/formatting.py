"""Format values for people: short, readable, and without terminal control characters."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any, Optional

from memoryos._printable import plural
from memoryos._protocol import times

if TYPE_CHECKING:
    from datetime import datetime

__all__ = [
    "age",
    "clean",
    "duration",
    "flat",
    "format_json",
    "local_time",
    "number",
    "one_line",
    "percent",
    "plural",
    "seconds_since",
    "truncate",
]

_MINUTE_SECONDS, _HOUR_SECONDS, _DAY_SECONDS, _YEAR_SECONDS = 60, 3600, 86_400, 31_557_600
# Control characters except tab and line feed, bidirectional overrides and lone surrogates.
_UNSAFE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
_LINE_END_OR_TAB = re.compile("[\t\n\u2028\u2029]")


def clean(text: str) -> str:
    """Replace characters that could control a terminal with U+FFFD."""
    return _UNSAFE.sub("\N{REPLACEMENT CHARACTER}", text)


def one_line(text: str) -> str:
    """Return a text in one line: cleaned, with whitespace collapsed."""
    return clean(" ".join(text.split()))


def flat(text: str) -> str:
    """Return a text in one line: cleaned, with each line end and tab replaced by a space."""
    return _LINE_END_OR_TAB.sub(" ", clean(text))


def truncate(text: str, width: int) -> str:
    """Return at most `width` characters of a text, with an ellipsis if some are omitted."""
    return text if len(text) <= width else f"{text[: max(width - 1, 0)].rstrip()}…"


def format_json(value: Any) -> str:
    """Return a JSON value in one line, cleaned."""
    return clean(json.dumps(value, ensure_ascii=False))


def number(value: int) -> str:
    """Return an integer with thousands separators."""
    return f"{value:,}"


def percent(part: int, whole: int) -> str:
    """Return a share as a rounded percentage: `67 %`.

    Only a complete whole is 100 %, and only nothing is 0 %: other shares that round to these are
    shown as `99 %` and `<1 %`.
    """
    if part <= 0 or whole <= 0:
        return "0 %"
    if part >= whole:
        return "100 %"
    rounded = (200 * part + whole) // (2 * whole)
    return f"{min(rounded, 99)} %" if rounded else "<1 %"


def duration(seconds: float) -> str:
    """Return a time span in its largest suitable unit: `45 s`, `3 min`, `2 h`, `12 d`, `3 y`."""
    whole = round(abs(seconds))
    if whole < 2 * _MINUTE_SECONDS:
        return f"{whole} s"
    if whole < 2 * _HOUR_SECONDS:
        return f"{whole // _MINUTE_SECONDS} min"
    if whole < 2 * _DAY_SECONDS:
        return f"{whole // _HOUR_SECONDS} h"
    if whole < 2 * _YEAR_SECONDS:
        return f"{whole // _DAY_SECONDS} d"
    return f"{whole // _YEAR_SECONDS} y"


def seconds_since(timestamp: str, now: datetime) -> Optional[float]:
    """Return the seconds from a timestamp of the API until `now`; None if it can't be parsed."""
    parsed = times.parse_leniently(timestamp)
    return None if parsed is None else (now - parsed).total_seconds()


def age(timestamp: Optional[str], now: datetime) -> str:
    """Return a timestamp of the API relative to `now`: `3 h ago`, `now`, `in 23 h`.

    None gives `-`; a timestamp that can't be parsed is returned cleaned.
    """
    passed = None if timestamp is None else seconds_since(timestamp, now)
    if passed is None:
        return "-" if timestamp is None else one_line(timestamp)
    if passed < 0:
        return f"in {duration(passed)}"
    return "now" if passed < 1 else f"{duration(passed)} ago"


def local_time(timestamp: str) -> str:
    """Return a timestamp of the API in this machine's time zone, to the second."""
    parsed = times.parse_leniently(timestamp)
    return one_line(timestamp) if parsed is None else f"{parsed.astimezone():%Y-%m-%d %H:%M:%S}"
