"""Dates in metadata in the forms that programs write, and values that are none."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from memoryos_server.text.metadata_dates import metadata_date, metadata_time
from memoryos_server.text.temporal_expressions import NO_DATES, Dates

SECONDS = 1_757_894_400  # 2025-09-15, midnight in UTC


@pytest.mark.parametrize(
    "value",
    [
        SECONDS,
        SECONDS + 0.75,
        str(SECONDS),
        f" {SECONDS}.5 ",
        SECONDS * 10**3,
        str(SECONDS * 10**3),
        SECONDS * 10**6,
        SECONDS * 10**9,
        20250915,
        "20250915",
        "20250915T101530Z",
        "20250915101530",
        "20250915T101530.25+02:00",
        "20250915T101530-0700",
        "20250915 1015",
        "20250915_101530",
        "20250915-101530",
        "20250915101530250",
        "202509151015",
        202509151015,
        20250915101530,
        20250915101530250,
        "2025-W38-1",
        "2025W381T101530",
        "2025-258",
        "2025年9月15日 10:15",
        "2025년 9월 15일",
        "15. 09. 2025",
        "15. 9. 2025 10:15",
        "2025/09/15",
        "2025/9/15 10:15",
        "2025/09/15T10:15:30.123Z",
        "2025.09.15",
        "2025-9-15",
        "2025:09:15 10:20:30",
        "2025_09_15",
        "15.09.25",
        "15.9.25, 10:15",
        "15/09/25",
        "9/15/25, 10:15 AM",
        "２０２５-０９-１５",  # noqa: RUF001
        "２０２５／０９／１５",  # noqa: RUF001
        "٢٠٢٥-٠٩-١٥",  # noqa: RUF001
        "2025-09-15T10:20:30Z",
        "15.09.2025",
        "15.9.2025, 10:15",
        "15/09/2025",
        "09/15/2025",
        "9-15-2025",
        "Mon, 15 Sep 2025 10:15:00 GMT",
    ],
)
def test_a_date_is_read_in_any_of_these_forms(value):
    months, parts = metadata_date({"ts": value})
    assert (months, set(parts)) == (("month 9",), {"year 2025", "day 15"})


@pytest.mark.parametrize(
    "value",
    [
        0,
        -SECONDS,
        12,
        2025,
        99_999_999,
        10**30,
        10**400,
        20251301,
        True,
        False,
        None,
        float("nan"),
        float("inf"),
        "",
        "12",
        "2025",
        "-1757894400",
        "30000-01-01",
        "99/99/2025",
        "31.02.2025",
        "20251340",
        "1.2.3.2025",
        "31.02.25",
        "10:09:25",
        "10-09-25",
        "2025:09",
        "2025_09",
        "v2025.09",
        "1757894400 apples",
        "1800-123",
        "2025-W54-1",
        "2025-W38",
        "2025-000",
        "2025-366",
        "20250915T991530",
        "2025年13月1日",
        "9" * 5000,
        [SECONDS],
        {"seconds": SECONDS},
    ],
)
def test_an_implausible_value_is_ignored(value):
    assert metadata_date({"ts": value}) == NO_DATES
    assert metadata_date({"ts": value, "date": "2025-09-15"}).months == ("month 9",)


def test_of_two_numbers_below_13_the_month_is_first_except_with_dots():
    assert metadata_date({"date": "03/04/2026"}) == Dates(("month 3",), ("year 2026", "day 4"))
    assert metadata_date({"date": "03.04.2026"}) == Dates(("month 4",), ("year 2026", "day 3"))


@pytest.mark.parametrize(
    "name",
    [
        "ts",
        "TS",
        "message_ts",
        "create_time",
        "valid_from",
        "validFrom",
        "created",
        "sentAt",
        "datetime",
        "event_time",
        "timestamp",
        "created_at",
        "time",
        "posted",
        "created_on",
        "sentOn",
        "received_at",
        "occurred",
        "dt",
        "epoch",
        "unix_time",
        "unixtime",
        "timestamp_ms",
        "timestampMs",
        "epoch_seconds",
        "created_utc",
        "createdUtc",
        "datetime_utc",
        "time_stamp",
        "unix",
        "unixTime",
        "mtime",
        "ctime",
        "issued",
        "started",
        "updated",
        "lastModified",
        "editedOn",
        "as_of",
        "validSince",
        "date_2",
        "timestamp_utc_ms",
        "ts1",
    ],
)
def test_a_date_is_read_under_these_names(name):
    assert metadata_date({name: SECONDS}).months == ("month 9",)


def test_a_number_that_could_be_a_date_or_milliseconds_is_a_date():
    assert metadata_date({"ts": "202603141015"}).parts == ("year 2026", "day 14")
    assert metadata_date({"ts": 2_009_010_112}).parts == ("year 2033", "day 30")
    assert metadata_date({"ts": "2009010112"}).parts == ("year 2033", "day 30")


@pytest.mark.parametrize(
    "name",
    [
        *("updated_at", "lastModified", "modified", "edited_ts", "mtime", "last_seen_at"),
        *("imported_at", "ingestedAt", "import_date", "synced_at", "uploadTime", "indexed_at"),
        *("expires_at", "expiry_date", "due_date", "endTime", "deletedAt", "read_at", "until_date"),
    ],
)
def test_a_time_of_an_import_a_change_or_an_end_counts_only_if_there_is_no_other(name):
    later = {name: "2026-03-01"}
    assert metadata_date({**later, "created_at": "2025-09-15"}).months == ("month 9",)
    assert metadata_date({**later, "created_at": "unknown"}).months == ("month 3",)
    assert metadata_date(later).months == ("month 3",)


@pytest.mark.parametrize("name", ["weekend_date", "lastly_at", "dueling_day", "spread_at"])
def test_a_name_that_only_contains_such_a_word_is_no_other(name):
    metadata = {name: "2026-03-01", "created_at": "2025-09-15"}
    assert metadata_date(metadata).months == ("month 3",)


@pytest.mark.parametrize(
    "name", ["from", "parts", "starts", "id", "comments", "estimated", "items"]
)
def test_a_number_under_another_name_is_no_date(name):
    assert metadata_date({name: SECONDS}) == NO_DATES


@given(
    st.dictionaries(st.sampled_from(["ts", "at", "date"]), st.text() | st.floats() | st.integers())
)
def test_any_value_will_do(metadata):
    assert isinstance(metadata_date(metadata), Dates)


@pytest.mark.parametrize(
    ("value", "time"),
    [
        ("2026-03-14T10:15:30Z", "10:15:30.000000"),
        ("2026-03-14T10:15:30.123456+01:00", "10:15:30.123456"),
        ("20260314T101530+0100", "10:15:30.000000"),
        ("2026:03:14 9:15", "09:15:00.000000"),
        ("1:56 pm on 8 May, 2023", "13:56:00.000000"),
        ("12:05 a.m. on 8 May, 2023", "00:05:00.000000"),
        (202603141015, "10:15:00.000000"),
        (1772475000, "18:10:00.000000"),
        ("1772475000123", "18:10:00.123000"),
        (20260314, ""),
        ("2026-03-14", ""),
        ("March 14 2026", ""),
        ("10:15", ""),
        (True, ""),
    ],
)
def test_the_time_of_day_is_in_the_field_of_the_date(value, time):
    assert metadata_time({"kept_at": "10:30", "at": value, "created": "2020-01-01 23:59"}) == (
        time or ("23:59:00.000000" if value in ("10:15", True) else "")
    )
