"""Dates in digits, and numbers that are none."""

from __future__ import annotations

from datetime import date

import pytest

from memoryos_server.text.numeric_dates import calendar_date, with_iso_dates

pytestmark = pytest.mark.local_server


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("on 3.5.26", "on 2026-05-03"),
        ("on 13/5/2026", "on 2026-05-13"),
        ("on 5/13/2026", "on 2026-05-13"),
        ("in 2026/05", "in 2026-05"),
        ("in 2026年5月", "in  2026-05 "),
    ],
)
def test_a_date_becomes_one_of_iso_8601(text, expected):
    assert with_iso_dates(text) == expected


@pytest.mark.parametrize(
    "text", ["10-11-12", "it costs 2026.05", "31.2.2026", "2026年13月1日", "1899/1/2"]
)
def test_other_numbers_stay_as_they_are(text):
    assert with_iso_dates(text) == text


def test_dates_are_those_of_1900_to_2099():
    assert calendar_date(1900, 1, 1) == date(1900, 1, 1)
    assert calendar_date(2099, 12, 31) == date(2099, 12, 31)
    assert calendar_date(1899, 12, 31) is calendar_date(2100, 1, 1) is None
