"""Reading `Retry-After`: seconds, fractions, milliseconds, dates, and what is none of them."""

from __future__ import annotations

import time

import pytest

from memoryos._protocol.retry_after import retry_after

NOON = 784_641_600.0
NOON_DATE = "Sat, 12 Nov 1994 12:00:00 GMT"
AFTER_90_SECONDS = "Sat, 12 Nov 1994 12:01:30 GMT"

READABLE = {
    "seconds": ({"retry-after": "30"}, 30),
    "none at all": ({"retry-after": "0"}, 0),
    "with space around": ({"retry-after": " 7 "}, 7),
    "a fraction": ({"retry-after": "1.5"}, 1.5),
    "more than a day": ({"retry-after": "100000"}, 100_000),
    "more than anybody waits": ({"retry-after": "9" * 400}, 2**31),
    "milliseconds": ({"retry-after-ms": "1500"}, 1.5),
    "milliseconds before seconds": ({"retry-after-ms": "250", "retry-after": "1"}, 0.25),
    "seconds where the milliseconds are none": ({"retry-after-ms": "x", "retry-after": "2"}, 2),
    "seconds where they are negative": ({"retry-after-ms": "-5", "retry-after": "2"}, 2),
    "a date": ({"retry-after": AFTER_90_SECONDS}, 90),
    "a date in the past": ({"retry-after": "Fri, 11 Nov 1994 12:00:00 GMT"}, 0),
    "a date with another zone": ({"retry-after": "Sat, 12 Nov 1994 14:01:30 +0200"}, 90),
    "a fraction of zero": ({"retry-after": "0.0"}, 0),
    "leading zeros": ({"retry-after": "007"}, 7),
    "more digits than int() takes": ({"retry-after": "0" * 5000 + "5"}, 5),
    "milliseconds past every float": ({"retry-after-ms": "9" * 5000}, 2_147_483.648),
    "with a tab around": ({"retry-after": "\t7\t"}, 7),
    "a date with space around": ({"retry-after": f" {AFTER_90_SECONDS} "}, 90),
    "a day of one digit": ({"retry-after": "Sun, 1 Jan 1995 00:00:00 GMT"}, 4_276_800),
    "the obsolete date of C": ({"retry-after": "Sun Jan  1 00:00:00 1995"}, 4_276_800),
    "the obsolete RFC 850 date": ({"retry-after": "Saturday, 12-Nov-94 12:01:30 GMT"}, 90),
}

UNREADABLE = {
    "nothing": {},
    "an empty header": {"retry-after": ""},
    "a word": {"retry-after": "soon"},
    "less than nothing": {"retry-after": "-1"},
    "not a number": {"retry-after": "nan"},
    "an infinity": {"retry-after": "inf"},
    "a number past every float": {"retry-after": "1e999"},
    "an underscore": {"retry-after": "1_0000"},
    "a sign": {"retry-after": "+5"},
    "digits of full width": {"retry-after": "１２"},  # noqa: RUF001
    "Arabic digits": {"retry-after": "\u0661\u0662"},
    "a superscript": {"retry-after": "5\u00b2"},
    "an exponent": {"retry-after": "1e3"},
    "a hexadecimal number": {"retry-after": "0x10"},
    "a dot at the end": {"retry-after": "5."},
    "a dot at the beginning": {"retry-after": ".5"},
    "two dots": {"retry-after": "5.5.5"},
    "a decimal comma": {"retry-after": "5,5"},
    "a thousands separator": {"retry-after": "1,000"},
    "a unit": {"retry-after": "5s"},
    "a quoted number": {"retry-after": '"5"'},
    "a line feed": {"retry-after": "5\n"},
    "a space that HTTP doesn't know": {"retry-after": "\u00a05"},
    "infinity": {"retry-after": "Infinity"},
    "an underscore in milliseconds": {"retry-after-ms": "1_000"},
    "an exponent in milliseconds": {"retry-after-ms": "1e3"},
    "a sign before milliseconds": {"retry-after-ms": "+1000"},
    "a date without a day of the week": {"retry-after": "12 Nov 1994 12:01:30 GMT"},
    "a date of ISO 8601": {"retry-after": "1994-11-12T12:01:30Z"},
    "an underscore in a date": {"retry-after": "Sat, 1_2 Nov 1994 12:01:30 GMT"},
    "other digits in a date": {"retry-after": "Sat, １２ Nov 1994 12:01:30 GMT"},  # noqa: RUF001
    "a month that is none": {"retry-after": "Sat, 12 Foo 1994 12:01:30 GMT"},
    "a time that is none": {"retry-after": "Sat, 12 Nov 1994 25:01:30 GMT"},
    "the year 0": {"retry-after": "Sat, 12 Nov 0000 12:01:30 GMT"},
    "two values": {"retry-after": "1, 2"},
    "a date that is none": {"retry-after": "Sat, 32 Nov 1994 12:00:00 GMT"},
    "a zone past every number": {"retry-after": "Sat, 12 Nov 1994 12:01:30 +99999999999999"},
    "a year past the calendar": {"retry-after": "Sat, 12 Nov 99999 12:00:00 GMT"},
}


@pytest.mark.parametrize(("headers", "seconds"), READABLE.values(), ids=READABLE.keys())
def test_a_usable_header_gives_seconds(headers, seconds):
    """Every form that RFC 9110 knows, and the common extension in milliseconds."""
    assert retry_after(headers, NOON) == seconds


@pytest.mark.parametrize("headers", UNREADABLE.values(), ids=UNREADABLE.keys())
def test_an_unusable_header_gives_none(headers):
    """What can't be read is as good as no header; it never raises."""
    assert retry_after(headers, NOON) is None


@pytest.mark.parametrize("date", ["1_2 Nov", "+5", "soon", "12"])
def test_an_unusable_date_of_the_service_is_ignored(date):
    """The time of this machine is used instead."""
    assert retry_after({"retry-after": AFTER_90_SECONDS, "date": date}, NOON) == 90


@pytest.mark.parametrize("skew", [-7200, 0, 7200])
def test_a_clock_that_is_wrong_does_not_matter(skew):
    """Two dates of the service are compared with each other, not with this machine's clock."""
    headers = {"retry-after": AFTER_90_SECONDS, "date": NOON_DATE}
    assert retry_after(headers, NOON + skew) == 90


def test_a_date_that_is_none_falls_back_to_the_clock():
    """A garbled Date header does not spoil the Retry-After beside it."""
    assert retry_after({"retry-after": AFTER_90_SECONDS, "date": "today"}, NOON) == 90


@pytest.mark.skipif(not hasattr(time, "tzset"), reason="this system can't change its time zone")
@pytest.mark.parametrize("zone", ["UTC", "Asia/Tokyo", "America/Lima"])
@pytest.mark.parametrize("date", [AFTER_90_SECONDS, "Sat Nov 12 12:01:30 1994"])
def test_dates_are_read_as_utc_wherever_the_program_runs(date, zone, monkeypatch):
    """The asctime form of RFC 9110 names no zone and means UTC, like every HTTP date."""
    try:
        with monkeypatch.context() as patch:
            patch.setenv("TZ", zone)
            time.tzset()
            assert retry_after({"retry-after": date}, NOON) == 90
    finally:
        time.tzset()


def test_whole_seconds_are_written_without_a_fraction():
    """The documented `Retry after {e.retry_after}s` reads `2s`, not `2.0s`."""
    assert str(retry_after({"retry-after": "2.0"}, NOON)) == "2"
    assert str(retry_after({"retry-after-ms": "2500"}, NOON)) == "2.5"
