"""RFC 3339 timestamps to datetimes, exact enough to compare them with stored times."""

from __future__ import annotations

from datetime import timezone

import pytest

from memoryos_server.model.timestamps import format_timestamp, parse_timestamp


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-11-02T08:15:00Z", "2026-11-02T08:15:00.000000Z"),
        ("2026-11-02t08:15:00.5z", "2026-11-02T08:15:00.500000Z"),
        ("2026-11-02T08:15:00.123456+05:45", "2026-11-02T02:30:00.123456Z"),
        ("2026-12-31T23:30:00-01:00", "2027-01-01T00:30:00.000000Z"),
        ("2026-12-31T23:59:60Z", "2027-01-01T00:00:00.000000Z"),
        ("2026-11-02T08:15:00.0000000Z", "2026-11-02T08:15:00.000000Z"),
        ("2026-11-02T08:15:00.00000001Z", "2026-11-02T08:15:00.000001Z"),
        ("2026-11-02T08:15:59.9999999Z", "2026-11-02T08:16:00.000000Z"),
    ],
)
def test_a_timestamp_is_read_with_its_offset_and_fraction(text, expected):
    time = parse_timestamp(text)
    assert format_timestamp(time) == expected
    assert time.tzinfo is timezone.utc


def test_what_is_formatted_is_read_back():
    for text in ("0001-01-01T00:00:00.000000Z", "9999-12-31T23:59:59.999999Z"):
        assert format_timestamp(parse_timestamp(text)) == text


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("0000-02-29T00:00:00Z", "years 1 to 9999"),
        ("0001-01-01T00:00:00+01:00", "years 1 to 9999"),
        ("9999-12-31T23:59:59-01:00", "years 1 to 9999"),
        ("9999-12-31T23:59:60Z", "years 1 to 9999"),
        ("2026-11-02", "RFC 3339"),
        ("2026-11-02T08:15:00", "RFC 3339"),
    ],
)
def test_what_is_no_timestamp_or_out_of_range_is_refused(text, problem):
    with pytest.raises(ValueError, match=problem):
        parse_timestamp(text)
