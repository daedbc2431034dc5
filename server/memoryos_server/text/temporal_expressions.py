"""Dates in texts.

Months, days and years are returned as labels such as `month 5`, which match if they are equal.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from .numeric_dates import with_iso_dates
from .time_words import MONTHS

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["NO_DATES", "Dates", "extract_dates"]

# `may` and `march` are also verbs. Inside a sentence, a capital letter marks the name.
_AMBIGUOUS_MONTHS = frozenset(["may", "march", "mar"])
# Other words in English, or names: only with a number or a preposition of their language.
_FOREIGN_MONTHS = frozenset(["mai", "mars", "mayo", "mei", "avril"])

_ISO_DATE = re.compile(r"\b((?:19|20)\d\d)-(0[1-9]|1[0-2])(?:-(0[1-9]|[12]\d|3[01]))?")
# With a time behind it, whose minutes are not a day.
_ISO_DATE_TIME = re.compile(rf"{_ISO_DATE.pattern}(?:T\d\d(?::?\d\d){{0,2}}(?:\.\d+)?)?")
_CLOCK = re.compile(r"\b\d{1,2}(?::\d\d)+\b|\b\d{1,2} ?[ap]m\b", re.IGNORECASE)
_MONTH = re.compile(rf"(?<!\w)({'|'.join(sorted(MONTHS, key=len))})(?!\w)", re.IGNORECASE)
_FOREIGN_BEFORE = re.compile(
    r"(?:\d\.?|\b(?:im|en|de|du|au|em|in|el|le|début|fin|seit|bis|vom|ab|anfang|ende|mitte)) \Z",
    re.IGNORECASE,
)
_MAX_BEFORE = 8
# `5月3日`, `五月`, `5월 3일`.
_EAST_ASIAN_MONTH = re.compile(
    r"(?<!\d)(1[0-2]|0?[1-9]) ?[月월]|(十[一二]?|[一二三四五六七八九])月"
)
_EAST_ASIAN_PART = re.compile(
    r"((?:19|20)\d\d) ?(?=[年년])|(?<!\d)([12]?\d|3[01]) ?(?=[日号號일](?![間间동]))"
)
_CHINESE_DIGITS = "一二三四五六七八九十"
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
    """Return the dates in a text: in digits, or with the name of a month in a main language.

    A day or year without a month is not a date.
    """
    text = with_iso_dates(text)
    iso = _ISO_DATE.findall(text)
    prose = _CLOCK.sub(" ", _ISO_DATE_TIME.sub(" ", text))
    months = [*(int(month) for _, month, _ in iso), *_months(prose), *_east_asian_months(prose)]
    if not months:
        return NO_DATES
    numbers = [
        *((year, day) for year, _, day in iso),
        *_NUMBER.findall(prose),
        *_EAST_ASIAN_PART.findall(prose),
    ]
    parts = [label for year, day in numbers for label in _parts(year, day)]
    labels = (f"month {month}" for month in months)
    return Dates(tuple(dict.fromkeys(labels)), tuple(dict.fromkeys(parts)))


def _months(prose: str) -> Iterator[int]:
    start = len(prose) - len(prose.lstrip())
    for match in _MONTH.finditer(prose):
        name = match[1].casefold()
        if name in _FOREIGN_MONTHS:
            is_month = _has_number_behind(match) or _is_behind_preposition(match)
        else:
            is_month = name not in _AMBIGUOUS_MONTHS or _is_month_name(
                match, is_first=match.start() == start
            )
        if is_month:
            yield MONTHS[name]


def _east_asian_months(prose: str) -> Iterator[int]:
    for digits, name in _EAST_ASIAN_MONTH.findall(prose):
        yield int(digits) if digits else sum(_CHINESE_DIGITS.index(digit) + 1 for digit in name)


def _has_number_behind(match: re.Match[str]) -> bool:
    return _NUMBER_BEHIND.match(match.string, match.end()) is not None


def _is_behind_preposition(match: re.Match[str]) -> bool:
    before = match.string[max(0, match.start() - _MAX_BEFORE) : match.start()]
    return _FOREIGN_BEFORE.search(before) is not None


def _is_month_name(match: re.Match[str], *, is_first: bool) -> bool:
    return _has_number_behind(match) or (match[1][0].isupper() and not is_first)


def _parts(year: str, day: str) -> Iterator[str]:
    if year:
        yield f"year {int(year)}"
    if day:
        yield f"day {int(day)}"
