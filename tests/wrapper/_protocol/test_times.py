"""Timestamps and datetimes as arguments."""

from datetime import datetime, timedelta, timezone

import pytest

from memoryos import ValidationError
from memoryos._protocol import times
from memoryos._protocol.operations import OPERATIONS, build_call


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("1970-01-01T00:00:01Z", 1),
        ("1970-01-01t00:00:01.5z", 1.5),
        ("1970-01-01T01:00:00+01:00", 0),
        ("1969-12-31T23:00:00-01:00", 0),
        ("1970-01-01T00:00:60Z", 59),
        ("1970-01-01T00:00:00.123456789Z", 0.123456),
    ],
)
def test_that_a_time_is_parsed(text, seconds):
    assert times.parse(text) == datetime.fromtimestamp(seconds, timezone.utc)


@pytest.mark.parametrize(
    "text", ["", "yesterday", "2026-11-02", "2026-13-02T00:00:00Z", "2026-11-02T08:15:00", 5, None]
)
def test_that_nothing_else_is_parsed(text):
    assert times.parse(text) is None


def test_that_a_time_without_an_offset_is_one_in_utc_only_where_it_may_lack():
    in_utc = datetime(2026, 11, 2, 8, 15, tzinfo=timezone.utc)
    assert times.parse_leniently("2026-11-02T08:15:00") == in_utc
    assert times.parse_leniently("2026-11-02T09:15:00+01:00") == in_utc
    assert times.parse_leniently("yesterday") is times.parse_leniently(None) is None


def test_that_a_time_out_of_range_is_no_error():
    assert times.parse("0001-01-01T00:00:00+01:00") is None


def test_that_a_datetime_is_sent_in_utc():
    berlin = timezone(timedelta(hours=1))
    call = build_call(
        OPERATIONS["list_memories"],
        {"created_after": datetime(2026, 11, 2, 9, 15, tzinfo=berlin)},
    )
    assert call.query["created_after"] == "2026-11-02T08:15:00Z"


@pytest.mark.parametrize(
    "value",
    [
        datetime.max.replace(tzinfo=timezone(timedelta(hours=-1))),
        datetime.min.replace(tzinfo=timezone(timedelta(hours=1))),
    ],
    ids=repr,
)
def test_that_a_datetime_out_of_range_is_refused(value):
    with pytest.raises(ValidationError, match="created_after must be within the years 1 to 9999"):
        build_call(OPERATIONS["list_memories"], {"created_after": value})


def test_that_a_text_is_sent_as_it_is():
    call = build_call(OPERATIONS["list_memories"], {"created_before": "2026-11-02T09:15:00+01:00"})
    assert call.query["created_before"] == "2026-11-02T09:15:00+01:00"


@pytest.mark.parametrize(
    "value",
    [
        datetime(2026, 11, 2),  # noqa: DTZ001 - without a time zone
        "2026-11-02",
        1730535300,
        True,
    ],
    ids=repr,
)
def test_that_anything_else_is_refused(value):
    with pytest.raises(ValidationError, match="created_after"):
        build_call(OPERATIONS["list_memories"], {"created_after": value})


def test_that_a_metadata_filter_of_a_list_is_sent_as_json():
    call = build_call(OPERATIONS["list_memories"], {"metadata": {"user_id": "ä", "n": 1}})
    assert call.query["metadata"] == '{"user_id":"ä","n":1}'


@pytest.mark.parametrize("value", ["user_id", [1], {1: 2}, {"a": float("nan")}], ids=repr)
def test_that_a_metadata_filter_must_be_an_object(value):
    with pytest.raises(ValidationError, match="metadata"):
        build_call(OPERATIONS["list_memories"], {"metadata": value})
