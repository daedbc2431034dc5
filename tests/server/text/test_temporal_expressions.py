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
