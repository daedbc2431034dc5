"""The filters that the SDK applies itself."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

import pytest

from memoryos import InvalidResponseError
from memoryos._protocol.memory_filters import MemoryFilter

NOON = "2026-11-02T12:00:00Z"


def matches(memory, **conditions):
    return MemoryFilter(conditions)(memory)


def tagged(*tags):
    return {"metadata": {"tags": list(tags)}}


@pytest.mark.parametrize(
    ("memory", "tags", "result"),
    [
        (tagged("a", "b"), ["a"], True),
        (tagged("a", "b"), ["b", "a", "a"], True),
        (tagged("a"), ["a", "b"], False),
        (tagged("a"), [], True),
        (tagged("a"), [" a "], True),
        (tagged(" a "), ["a"], True),
        (tagged("A"), ["a"], False),
        (tagged("a\u0308"), ["ä"], True),
        (tagged(), ["a"], False),
        (tagged(""), [""], False),
        (tagged(1, None, "a"), ["a"], True),
        ({"metadata": {"tags": "a"}}, ["a"], False),
        ({"metadata": None}, ["a"], False),
        ({}, ["a"], False),
    ],
)
def test_that_all_tags_must_be_there(memory, tags, result):
    """Names compare as in the local Memory OS: without white space around them, in NFC."""
    assert matches(memory, tags=tags) is result


@pytest.mark.parametrize(
    ("created", "after", "before"),
    [
        ("2026-11-02T11:59:59.999999Z", False, True),
        ("2026-11-02T12:00:00Z", True, False),
        ("2026-11-02T13:00:00+01:00", True, False),
        ("2026-11-02T12:00:00.000001Z", True, False),
        ("yesterday", False, False),
        (None, False, False),
        (7, False, False),
    ],
)
def test_that_a_time_is_inclusive_at_the_start_and_exclusive_at_the_end(created, after, before):
    memory = {"created_at": created}
    assert matches(memory, created_after=NOON) is after
    assert matches(memory, created_before=NOON) is before


def test_that_datetimes_of_any_zone_are_times():
    noon = datetime(2026, 11, 2, 14, tzinfo=timezone(timedelta(hours=2)))
    assert matches({"created_at": NOON}, created_after=noon)
    assert not matches({"created_at": NOON}, created_before=noon)


@pytest.mark.parametrize(
    ("value", "wanted", "result"),
    [
        (1, 1.0, True),
        (100, 1e2, True),
        (10**23, 1e23, True),
        (True, 1, False),
        (0, False, False),
        (None, None, True),
        ("1", 1, False),
        ({"a": 1, "b": [1]}, {"b": [1.0], "a": 1}, True),
        ({"a": 1, "b": 2}, {"a": 1}, False),
        ([1, 2], [2, 1], False),
        (float("inf"), 1, False),
        (10**400, 10**400, True),
    ],
)
def test_that_metadata_are_equal_as_json(value, wanted, result):
    assert matches({"metadata": {"key": value}}, metadata={"key": wanted}) is result


@pytest.mark.parametrize("metadata", [{}, {"other": None}, None, [], "key"])
def test_that_a_missing_key_is_not_null(metadata):
    assert not matches({"metadata": metadata}, metadata={"key": None})
    assert matches({"metadata": metadata}, metadata={})


@pytest.mark.parametrize("name", ["external_id", "content_type", "memory_nature", "tier"])
def test_that_fields_are_equal(name):
    assert matches({name: "a"}, **{name: "a"})
    assert not matches({name: "A"}, **{name: "a"})
    assert not matches({}, **{name: "a"})
    assert matches({}, **{name: None})


def test_that_all_conditions_must_be_met():
    memory = {**tagged("a"), "external_id": "x"}
    assert matches(memory, tags=["a"], external_id="x")
    assert not matches(memory, tags=["a"], external_id="y")
    assert not matches(memory, tags=["b"], external_id="x")


def test_that_something_else_than_a_memory_is_an_error_of_the_response():
    with pytest.raises(InvalidResponseError):
        matches(7, tags=["a"])


def test_that_a_list_ends_after_a_page_of_older_memories():
    by_time = MemoryFilter({"created_after": NOON})
    older, newer = {"created_at": "2026-11-01T00:00:00Z"}, {"created_at": NOON}
    assert by_time.ends_after([older, older])
    assert not by_time.ends_after([older, newer])
    assert not by_time.ends_after([older, {"created_at": "?"}])
    assert not by_time.ends_after([])
    assert not MemoryFilter({"tags": ["a"]}).ends_after([older])
