"""When: the date of a memory, whether a text says a time, and what a query asks of either.

A sign is a short text such as `month 5`; equal signs mean that two texts name the same.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

__all__ = ["NO_DATES", "Dates", "asks_when", "date_of", "dates_in", "says_when"]

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
_DAYS = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
_MONTH_NAMES = "|".join(f"{name}|{name[:3]}" for name in _MONTHS) + "|sept"
# `may` and `march` are verbs as well, unless they are written as names within a sentence.
_VERBS = frozenset(["may", "march", "mar"])

_ISO_DATE = re.compile(r"\b((?:19|20)\d\d)-(0[1-9]|1[0-2])(?:-(0[1-9]|[12]\d|3[01]))?")
_CLOCK = re.compile(r"\b\d{1,2}(?::\d\d)+\b|\b\d{1,2} ?[ap]m\b", re.IGNORECASE)
_MONTH = re.compile(rf"\b({_MONTH_NAMES})\b", re.IGNORECASE)
_NUMBER = re.compile(r"\b(?:((?:19|20)\d\d)|([12]?\d|3[01])(?:st|nd|rd|th)?)\b", re.IGNORECASE)
_SAID = re.compile(
    r"\b(?:yesterday|today|tonight|tomorrow|last|next|ago|since|days?|weeks?|weekends?|months?"
    rf"|years?|morning|evening|night|{'|'.join(_DAYS + _MONTHS)})\b|\d",
    re.IGNORECASE,
)
_ASKED = re.compile(
    r"\W*(?:(?:and|but|so|since|until|in|on|at)\W+)*"
    r"(?:when|how long|(?:what|which) (?:time|date|day|week|month|year))\b",
    re.IGNORECASE,
)
# `at`, `date`, `session_date_time`, `createdAt`: the last word of the name says it.
_DATE_NAME = re.compile(r"(?:^|[\W_\d]|(?<=[a-z])(?=[A-Z]))(?i:at|date|day|time|timestamp|when)$")


class Dates(NamedTuple):
    """The dates that a text names.

    Attributes:
        months: a sign for each month, each once.
        parts: a sign for each day and each year that stands beside them, each once.
    """

    months: tuple[str, ...] = ()
    parts: tuple[str, ...] = ()


NO_DATES = Dates()


def dates_in(text: str) -> Dates:
    """Return the dates in an English text, or in ISO 8601; a day or a year alone is none."""
    iso = _ISO_DATE.findall(text)
    prose = _CLOCK.sub(" ", _ISO_DATE.sub(" ", text))
    months = [*(f"month {int(month)}" for _, month, _ in iso), *_months(prose)]
    if not months:
        return NO_DATES
    parts = [sign for year, _, day in iso for sign in _parts(year, day)]
    parts += [sign for year, day in _NUMBER.findall(prose) for sign in _parts(year, day)]
    return Dates(tuple(dict.fromkeys(months)), tuple(dict.fromkeys(parts)))


def date_of(metadata: Mapping[str, object]) -> Dates:
    """Return the date that metadata gives: under `at`, `date`, `createdAt` and the like."""
    for name, value in metadata.items():
        if isinstance(value, str) and _DATE_NAME.search(name):
            dates = dates_in(value)
            if dates.months:
                return dates
    return NO_DATES


def says_when(text: str) -> bool:
    """Say whether an English text says a time: a day, a month, `last week`, any number."""
    return _SAID.search(text) is not None


def asks_when(query: str) -> bool:
    """Say whether an English question asks for a time."""
    return _ASKED.match(query) is not None


def _months(prose: str) -> Iterator[str]:
    for match in _MONTH.finditer(prose):
        name = match[1].casefold()
        if name not in _VERBS or _is_a_name(match[1], prose, match):
            number = next(i for i, month in enumerate(_MONTHS, 1) if month.startswith(name[:3]))
            yield f"month {number}"


def _is_a_name(written: str, prose: str, match: re.Match[str]) -> bool:
    starts = not prose[: match.start()].strip()
    has_number = re.match(r"\W{1,2}\d", prose[match.end() :]) is not None
    return has_number or (written[0].isupper() and not starts)


def _parts(year: str, day: str) -> Iterator[str]:
    if year:
        yield f"year {int(year)}"
    if day:
        yield f"day {int(day)}"
