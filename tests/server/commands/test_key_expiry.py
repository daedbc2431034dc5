"""The times that `memoryos keys create --expires` reads."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

import pytest

from memoryos_server.commands.key_expiry import read_expiry

NOW = datetime(2026, 11, 22, 10, 0, tzinfo=timezone.utc)


@pytest.mark.parametrize(
    ("text", "time"),
    [
        ("never", None),
        ("30d", NOW + timedelta(days=30)),
        ("12h", NOW + timedelta(hours=12)),
        ("90min", NOW + timedelta(minutes=90)),
        ("2027-01-31", datetime(2027, 1, 31, tzinfo=timezone.utc)),
        ("2027-01-31T18:00:00Z", datetime(2027, 1, 31, 18, tzinfo=timezone.utc)),
        ("2027-01-31T18:00:00+02:00", datetime(2027, 1, 31, 16, tzinfo=timezone.utc)),
        ("2027-01-31T18:00", datetime(2027, 1, 31, 18, tzinfo=timezone.utc)),
    ],
)
def test_the_end_of_a_key_is_written_as_people_say_it(text, time):
    """From now, or as a date or time by ISO 8601, in UTC where nothing is said."""
    assert read_expiry(text, NOW) == time


@pytest.mark.parametrize(
    "text",
    [
        "",
        "0d",
        "-1d",
        "1.5h",
        "30",
        "d",
        "31.1.2027",
        "99999999d",
        "999999999d",
        "2026-11-22T10:00:00Z",
    ],
)
def test_what_is_no_end_is_refused(text):
    """The present moment among it."""
    with pytest.raises(ValueError, match=r"must be a time such as|must be in the future"):
        read_expiry(text, NOW)
