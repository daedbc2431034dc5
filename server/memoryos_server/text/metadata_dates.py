"""Dates in metadata: ISO 8601, other numeric dates, Unix times and English prose.

The first field counts whose name says that it is a time, and whose value is one; a time at which
something was imported, changed or ends counts only if there is no other. Values that can't be a
date, such as 0 or a time in the year 30000, are ignored.
"""

from __future__ import annotations

import math
import re
from datetime import date, datetime, timedelta, timezone
from typing import TYPE_CHECKING

from .numeric_dates import MAX_YEAR, MIN_YEAR, calendar_date, with_ascii_digits
from .temporal_expressions import NO_DATES, Dates, extract_dates

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["metadata_date", "metadata_time"]

MAX_DATE_CHARACTERS = 256
"""Length up to which a text is read as a date."""

# `at`, `date`, `session_date_time`, `createdAt`: the last word of the field name counts, besides a
# unit, a time zone or a number as in `timestamp_ms`, `created_utc` and `date_2`.
_WORD_START = r"(?:^|[\W_\d]|(?<=[a-z])(?=[A-Z]))"
_DATE_FIELD = re.compile(
    rf"{_WORD_START}"
    r"(?i:at|date|day|[cm]?time|datetime|time[\W_]?stamp|ts|dt|epoch|unix|unixtime|when|as[\W_]?of"
    r"|(?:created|sent|posted|published|recorded|received|occurred|happened|issued|logged|observed"
    r"|written|said|started|updated|modified|edited|changed)(?:[\W_]?(?:on|at))?"
    r"|(?:valid|effective)[\W_]?(?:from|since))"
    rf"(?:{_WORD_START}(?i:s|sec|secs|seconds|ms|msec|millis|us|micros|ns|nanos|utc|gmt|iso|local)"
    r"|[\W_]?\d{1,4}){0,2}$"
)

# `imported_at`, `updated_at`, `lastSeenAt`, `expires_at`, `due_date`: not when something happened.
_LATER_FIELD = re.compile(
    rf"{_WORD_START}(?i:update|updated|modified|edited|edit|changed|mtime|last|accessed|access|seen"
    r"|read|deleted|expires?|expiry|expiration|expired|due|end|ends|ended|until|import|imported"
    r"|ingestion|ingested|sync|synced|migrated|export|exported|upload|uploaded|download|downloaded"
    r"|fetched|crawled|scraped|indexed|processed|stored|saved|inserted|loaded)"
    r"(?![a-z])"
)

_EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)
# 1973 to 2099: smaller numbers are durations or counts. The ranges of the units don't overlap.
_MIN_SECONDS, _MAX_SECONDS = 100_000_000, 4_102_444_799
_UNITS_PER_SECOND = (1, 10**3, 10**6, 10**9)

_NUMBER = re.compile(r"\s*(\d{1,20})(?:\.\d{0,20})?\s*\Z", re.ASCII)
_COMPACT_DATE = re.compile(
    r"\s*(\d{4})(\d\d)(\d\d)(?:[T _-]?(?:[01]\d|2[0-3])"
    r"(?:[0-5]\d(?:[0-5]\d(?:\d{3}|[.,]\d+)?)?)? ?(?:Z|[+-]\d\d:?(?:\d\d)?)?)?\s*\Z",
    re.ASCII | re.IGNORECASE,
)
_MIN_COMPACT_TIME, _MAX_COMPACT_TIME = 10**11, 10**17  # to the minute, and to the millisecond
# `2026-W11-6` and `2026-073`, the two other forms of ISO 8601.
_WEEK_DATE = re.compile(r"\s*(\d{4})-?W(\d\d)-?([1-7])(?!\d)", re.ASCII)
_ORDINAL_DATE = re.compile(r"\s*(\d{4})-(\d{3})(?![\d-])", re.ASCII)


_TIME = re.compile(
    r"(?<![\d:])(\d{1,2}):(\d\d)(?::(\d\d)(?:[.,](\d+))?)?(?![\d:])(?:\s*([ap])\.?m\b)?",
    re.ASCII | re.IGNORECASE,
)
_COMPACT_TIME = re.compile(r"\s*\d{8}[T_]?(\d\d)(\d\d)(\d\d)?(?!\d)", re.ASCII)


def metadata_date(metadata: Mapping[str, object]) -> Dates:
    """Return the date of the first metadata field such as `at`, `date` or `createdAt`."""
    return _dated_field(metadata)[1]


def metadata_time(metadata: Mapping[str, object]) -> str:
    """Return the time of day in the field that has the date, such as `18:10:00.000000`, or ""."""
    value = _dated_field(metadata)[0]
    if isinstance(value, str):
        text = with_ascii_digits(value)
        number = _NUMBER.match(text)
        found = _time_of_number(int(number[1])) if number else ""
        return found or _time_in_text(text)
    return _time_of_number(int(value)) if isinstance(value, (int, float)) else ""


def _dated_field(metadata: Mapping[str, object]) -> tuple[object, Dates]:
    """Return the value and the date of the first field that has one."""
    names = [name for name in metadata if _DATE_FIELD.search(name)]
    names.sort(key=lambda name: _LATER_FIELD.search(name) is not None)
    for name in names:
        dates = _dates(metadata[name])
        if dates.months:
            return metadata[name], dates
    return None, NO_DATES


def _time_of_number(number: int) -> str:
    if _MIN_COMPACT_TIME <= number < _MAX_COMPACT_TIME and _COMPACT_DATE.match(str(number)):
        return _time_in_text(str(number))
    for units in _UNITS_PER_SECOND:
        if _MIN_SECONDS <= number // units <= _MAX_SECONDS:
            parts = number % units * 1_000_000 // units
            time = _EPOCH + timedelta(seconds=number // units, microseconds=parts)
            return time.time().isoformat(timespec="microseconds")
    return ""


def _time_in_text(text: str) -> str:
    match = _TIME.search(text) or _COMPACT_TIME.match(text)
    if match is None:
        return ""
    hour, minute, second, fraction, half = (*match.groups(""), "", "")[:5]
    hours = int(hour) % 12 + 12 * (half.lower() == "p") if half else int(hour)
    return f"{hours:02}:{minute}:{second or '00'}.{fraction[:6]:<06}"


def _dates(value: object) -> Dates:
    if isinstance(value, str):
        return _dates_in_text(value)
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return NO_DATES
    if isinstance(value, float) and not math.isfinite(value):
        return NO_DATES
    return _dates_of_number(int(value))


def _dates_in_text(text: str) -> Dates:
    if len(text) > MAX_DATE_CHARACTERS:
        return NO_DATES
    text = with_ascii_digits(text)
    number = _NUMBER.match(text)
    if number is not None:
        dates = _dates_of_number(int(number[1]))
        if dates.months:
            return dates
    for pattern, date_of in _WHOLE_TEXTS:
        match = pattern.match(text)
        found = None if match is None else date_of(match)
        if found is not None:
            return _dates_of(found)
    return extract_dates(text)


def _dates_of_number(number: int) -> Dates:
    """Return the date of a Unix time in any unit, or of a number such as 20260314.

    A number of 12 digits that could be either is a date and a time, such as 202603141015: the Unix
    times of such numbers in milliseconds are before 2000.
    """
    if _MIN_COMPACT_TIME <= number < _MAX_COMPACT_TIME:
        compact = _COMPACT_DATE.match(str(number))
        found = None if compact is None else _date_of_compact(compact)
        if found is not None:
            return _dates_of(found)
    for units in _UNITS_PER_SECOND:
        if _MIN_SECONDS <= number // units <= _MAX_SECONDS:
            return _dates_of((_EPOCH + timedelta(seconds=number // units)).date())
    month_and_year, day = divmod(number, 100)
    return _dates_of(calendar_date(*divmod(month_and_year, 100), day))


def _dates_of(day: date | None) -> Dates:
    return NO_DATES if day is None else extract_dates(day.isoformat())


def _date_of_compact(match: re.Match[str]) -> date | None:
    return calendar_date(int(match[1]), int(match[2]), int(match[3]))


def _date_of_week(match: re.Match[str]) -> date | None:
    year, week, day = map(int, match.groups())
    if not MIN_YEAR <= year <= MAX_YEAR:
        return None
    try:
        return date.fromisocalendar(year, week, day)
    except ValueError:
        return None


def _date_of_ordinal(match: re.Match[str]) -> date | None:
    first = calendar_date(int(match[1]), 1, 1)
    if first is None or int(match[2]) == 0:
        return None
    found = first + timedelta(days=int(match[2]) - 1)
    return found if found.year == first.year else None


_WHOLE_TEXTS = (
    (_COMPACT_DATE, _date_of_compact),
    (_WEEK_DATE, _date_of_week),
    (_ORDINAL_DATE, _date_of_ordinal),
)
