"""Dates in digits, in forms other than ISO 8601."""

from __future__ import annotations

import re
from datetime import date

from memoryos_server.model.normalization import normalize

__all__ = ["MAX_YEAR", "MIN_YEAR", "calendar_date", "with_ascii_digits", "with_iso_dates"]

MIN_YEAR, MAX_YEAR = 1900, 2099
"""The years of dates."""

_SHORT_YEAR_DIGITS = 2

_YEAR_FIRST = re.compile(
    r"(?<![\d./-])(\d{4})([./:_-])(\d{1,2})(?:\2(\d{1,2}))?(?![\d/-]|\.\d)", re.ASCII
)
_YEAR_LAST = re.compile(
    r"(?<![\d./-])(\d{1,2})(\. ?|[/-])(\d{1,2})\2(\d{4}|\d\d)(?![\d/-]|\.\d)", re.ASCII
)
_EAST_ASIAN_DATE = re.compile(r"(\d{4})[年년] ?(\d{1,2})[月월](?: ?(\d{1,2})[日일])?")


def with_iso_dates(text: str) -> str:
    """Return a text with ISO 8601 in place of dates such as `3.5.2026` and `2026年5月3日`."""
    text = _EAST_ASIAN_DATE.sub(_iso_of_east_asian, text)
    text = _YEAR_FIRST.sub(_iso_of_year_first, text)
    return _YEAR_LAST.sub(_iso_of_year_last, text)


def with_ascii_digits(text: str) -> str:
    """Return a text with ASCII digits and separators in place of those of other scripts."""
    if text.isascii():
        return text
    characters = normalize("NFKC", text)
    return "".join(str(int(char)) if char.isdecimal() else char for char in characters)


def calendar_date(year: int, month: int, day: int) -> date | None:
    """Return the date, or None if there is none."""
    if not MIN_YEAR <= year <= MAX_YEAR:
        return None
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _iso_of_east_asian(match: re.Match[str]) -> str:
    year, month, day = match.groups()
    found = calendar_date(int(year), int(month), int(day or 1))
    if found is None:
        return match[0]
    return f" {found.isoformat() if day else f'{found:%Y-%m}'} "


def _iso_of_year_first(match: re.Match[str]) -> str:
    year, _, month, day = match.groups()
    if day is None and match[2] not in "/-":  # such as a number with decimals
        return match[0]
    found = calendar_date(int(year), int(month), int(day or 1))
    if found is None:
        return match[0]
    return found.isoformat() if day else f"{found:%Y-%m}"


def _iso_of_year_last(match: re.Match[str]) -> str:
    """Return the date in ISO 8601.

    With dots the day comes first, with slashes and dashes the month, unless it is more than 12.
    Years of two digits are those from 2000 on.
    """
    first, separator, second, year = match.groups()
    if len(year) == _SHORT_YEAR_DIGITS:
        if separator == "-":  # `10-11-12` may be in any order
            return match[0]
        year = f"20{year}"
    has_dots = separator.startswith(".")
    month, day = (second, first) if has_dots else (first, second)
    found = calendar_date(int(year), int(month), int(day))
    if found is None and not has_dots:
        found = calendar_date(int(year), int(day), int(month))
    return match[0] if found is None else found.isoformat()
