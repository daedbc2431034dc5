"""Dates in texts and metadata."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from memoryos_server.text.metadata_dates import metadata_date
from memoryos_server.text.temporal_expressions import (
    NO_DATES,
    Dates,
    extract_dates,
)

MAY = ("month 5",)
EIGHTH_OF_MAY = Dates(MAY, ("day 8", "year 2023"))


@pytest.mark.parametrize(
    "text",
    [
        "1:56 pm on 8 May, 2023",
        "on May 8th, 2023",
        "the 8th of May, 2023",
        "on may 8 2023",
        "on 8 MAY 2023, at 7 pm",
    ],
)
def test_a_date_is_read_however_it_is_written(text):
    """The hours and minutes of a clock are no days."""
    months, parts = extract_dates(text)
    assert (months, set(parts)) == (MAY, set(EIGHTH_OF_MAY.parts))


@pytest.mark.parametrize(
    "text", ["2023-05-08", "2023-05-08T13:56:21+02:00", "2023-05-08T10:15:30Z"]
)
def test_an_iso_date_is_read(text):
    assert extract_dates(text) == Dates(MAY, ("year 2023", "day 8"))


@pytest.mark.parametrize(
    ("text", "months"),
    [
        ("What did she do in May?", MAY),
        ("What may she do?", ()),
        ("May I ask what she did?", ()),
        ("They march on", ()),
        ("the marathon in March", ("month 3",)),
        ("between Jan and sept", ("month 1", "month 9")),
        ("in 2023", ()),
        ("on the 8th", ()),
        ("", ()),
    ],
)
def test_only_a_month_makes_a_date(text, months):
    """A verb that looks like one is none, and a year or a day alone fits too much."""
    assert extract_dates(text).months == months
    assert months or extract_dates(text) == NO_DATES


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("on 8.5.2023", EIGHTH_OF_MAY),
        ("on 5/8/2023", EIGHTH_OF_MAY),
        ("am 8. Mai 2023", EIGHTH_OF_MAY),
        ("le 8 mai 2023", EIGHTH_OF_MAY),
        ("el 8 de mayo de 2023", EIGHTH_OF_MAY),
        ("8 мая 2023", EIGHTH_OF_MAY),
        ("8 मई 2023", EIGHTH_OF_MAY),
        ("2023年5月8日", EIGHTH_OF_MAY),
        ("2023년 5월 8일", EIGHTH_OF_MAY),
        ("5月8日", Dates(MAY, ("day 8",))),
        ("五月去了哪里", Dates(MAY)),
        ("im Mai", Dates(MAY)),
        ("在十一月", Dates(("month 11",))),
        ("en février", Dates(("month 2",))),
        ("en fevrier", Dates(("month 2",))),
        ("फरवरी में", Dates(("month 2",))),
        ("Mayo Clinic", NO_DATES),
        ("Mei likes tea", NO_DATES),
        ("a mission to Mars", NO_DATES),
        ("三个月", NO_DATES),
        ("version 1.2.3", NO_DATES),
    ],
)
def test_dates_of_other_languages_are_read(text, expected):
    months, parts = extract_dates(text)
    assert (months, set(parts)) == (expected.months, set(expected.parts))


@pytest.mark.parametrize(
    "name", ["at", "date", "session_date_time", "createdAt", "said-at", "When"]
)
def test_metadata_gives_a_date_under_these_names(name):
    assert metadata_date({name: "2023-05-08"}).months == MAY


@pytest.mark.parametrize("name", ["cat", "update", "birthday_of", "format", "at_home"])
def test_other_metadata_gives_none(name):
    assert metadata_date({name: "2023-05-08"}) == NO_DATES


def test_a_date_that_cannot_be_read_is_passed_over():
    assert metadata_date({"at": 5, "time": "noon", "date": "8 May 2023"}) != NO_DATES
    assert metadata_date({"at": 5, "time": "noon"}) == NO_DATES


@given(st.text())
def test_any_text_can_be_looked_at(text):
    months, parts = extract_dates(text)
    assert months or not parts
    assert len({*months, *parts}) == len(months) + len(parts)
