"""Dates in texts.

Months, days and years are returned as labels such as `month 5`, which match if they are equal.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["NO_DATES", "Dates", "extract_dates"]

_MONTHS = [
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
]
_MONTH_NAMES = "|".join(f"{name}|{name[:3]}" for name in _MONTHS) + "|sept"
# `may` and `march` are also verbs. Inside a sentence, a capital letter marks the name.
_AMBIGUOUS_MONTHS = frozenset(["may", "march", "mar"])

_ISO_DATE = re.compile(r"\b((?:19|20)\d\d)-(0[1-9]|1[0-2])(?:-(0[1-9]|[12]\d|3[01]))?")
# With a time behind it, whose minutes are not a day.
_ISO_DATE_TIME = re.compile(rf"{_ISO_DATE.pattern}(?:T\d\d(?::?\d\d){{0,2}}(?:\.\d+)?)?")
_CLOCK = re.compile(r"\b\d{1,2}(?::\d\d)+\b|\b\d{1,2} ?[ap]m\b", re.IGNORECASE)
_MONTH = re.compile(rf"\b({_MONTH_NAMES})\b", re.IGNORECASE)
_NUMBER_BEHIND = re.compile(r"\W{1,2}\d")
_NUMBER = re.compile(r"\b(?:((?:19|20)\d\d)|([12]?\d|3[01])(?:st|nd|rd|th)?)\b", re.IGNORECASE)


class Dates(NamedTuple):
    """The dates in a text.

    Attributes:
        months: Distinct labels of the months.
        parts: Distinct labels of the days and years of these dates.
    """

    months: tuple[str, ...] = ()
    parts: tuple[str, ...] = ()


NO_DATES = Dates()


def extract_dates(text: str) -> Dates:
    """Return the dates in an English text: names of months, or ISO 8601.

    A day or year without a month is not a date.
    """
    iso = _ISO_DATE.findall(text)
    prose = _CLOCK.sub(" ", _ISO_DATE_TIME.sub(" ", text))
    months = [*(f"month {int(month)}" for _, month, _ in iso), *_months(prose)]
    if not months:
        return NO_DATES
    parts = [label for year, _, day in iso for label in _parts(year, day)]
    parts += [label for year, day in _NUMBER.findall(prose) for label in _parts(year, day)]
    return Dates(tuple(dict.fromkeys(months)), tuple(dict.fromkeys(parts)))


def _months(prose: str) -> Iterator[str]:
    start = len(prose) - len(prose.lstrip())
    for match in _MONTH.finditer(prose):
        name = match[1].casefold()
        if name not in _AMBIGUOUS_MONTHS or _is_month_name(match, is_first=match.start() == start):
            number = next(i for i, month in enumerate(_MONTHS, 1) if month.startswith(name[:3]))
            yield f"month {number}"


def _is_month_name(match: re.Match[str], *, is_first: bool) -> bool:
    has_number = _NUMBER_BEHIND.match(match.string, match.end()) is not None
    return has_number or (match[1][0].isupper() and not is_first)


def _parts(year: str, day: str) -> Iterator[str]:
    if year:
        yield f"year {int(year)}"
    if day:
        yield f"day {int(day)}"
