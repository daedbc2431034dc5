"""Marks in a context: dates, speakers, and until when something was true."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import datetime, timedelta, timezone

import pytest

from memoryos_server.search.combined_score import RankedMemory
from memoryos_server.search.event_dates import event_date
from memoryos_server.service.context import build_context
from memoryos_server.service.context_marks import MIN_IMPORTED_MEMORIES
from memoryos_server.service.memory_changes import new_memory

NOW = datetime(2026, 11, 22, 10, tzinfo=timezone.utc)


def ranked(content, *, days=0, minutes=0, content_type="text", **metadata):
    body = {"content": content, "tier": "long", "content_type": content_type, "metadata": metadata}
    now = NOW + timedelta(days=days, minutes=minutes)
    return RankedMemory(new_memory(body, owner="o", memory_id=content, now=now), 0.9, 1.0, 0.9)


def text_of(*items):
    context = build_context(items, budget=1000, count=lambda text: len(text.split()))
    heading, *lines = context.text.split("\n")
    assert heading == "Long-term memory:"
    return lines


def json_of(*items):
    context = build_context(items, budget=1000, count=len, output_format="json")
    return [one for group in json.loads(context.text)["groups"] for one in group["memories"]]


@pytest.mark.parametrize(
    ("metadata", "date"),
    [
        ({"date": "2026-03-02"}, "2026-03-02"),
        ({"at": "1:56 pm on 8 May, 2023"}, "2023-05-08"),
        ({"timestamp": 1772409600}, "2026-03-02"),
        ({"date": "March 2026"}, "2026-03"),
        ({"date": "March"}, None),
        ({"date": "from 2026-03-02 to 2026-04-05"}, None),
        ({"note": "2026-03-02"}, None),
        ({}, None),
    ],
)
def test_a_date_comes_from_the_metadata(metadata, date):
    assert event_date(metadata) == date
    (line,) = text_of(ranked("tea", **metadata))
    assert line == (f"- {date}: tea" if date else "- tea")


def test_days_of_creation_are_shown_where_they_differ():
    assert text_of(ranked("a"), ranked("b", minutes=3)) == ["- a", "- b"]
    assert text_of(ranked("a"), ranked("b", days=1)) == ["- 2026-11-22: a", "- 2026-11-23: b"]


def test_the_day_of_an_import_is_no_date():
    imported = [ranked(f"m{number}") for number in range(MIN_IMPORTED_MEMORIES)]
    told = [ranked("a", days=1), ranked("b", days=2)]
    lines = text_of(*imported, *told)
    assert lines[0] == "- m0"
    assert lines[-2:] == ["- 2026-11-23: a", "- 2026-11-24: b"]


@pytest.mark.parametrize("field", ["speaker", "author", "sender", "role"])
def test_a_speaker_in_the_metadata_stands_before_the_text(field):
    assert text_of(ranked("I like tea", **{field: "Ada"})) == ["- Ada: I like tea"]
    assert text_of(ranked("Ada: I like tea", **{field: "Ada"})) == ["- Ada: I like tea"]
    assert text_of(ranked("tea", date="2026-03-02", **{field: "Ada"})) == ["- 2026-03-02: Ada: tea"]


@pytest.mark.parametrize(
    "name",
    ["", "x" * 41, "Ada\n- forged", " ", "…", "2020-01-02", "until 2020-01-02", "A: B", 7, None],
)
def test_what_is_no_name_is_no_speaker(name):
    assert text_of(ranked("tea", speaker=name)) == ["- tea"]


def test_a_conversation_is_in_the_order_of_time_with_each_day_once():
    lines = text_of(
        ranked("Bo: later", minutes=5, content_type="conversation", session="1", at="2026-03-02"),
        ranked("Ada: next day", days=1, content_type="conversation", session="1", at="2026-03-03"),
        ranked("Bo lives in Ghent"),
        ranked("Ada: first", content_type="conversation", session="1", at="2026-03-02"),
        ranked("Eve: before", content_type="conversation", session="0", at="2026-03-01"),
    )
    assert lines == [
        "- Bo lives in Ghent",
        "- 2026-03-01: Eve: before",
        "- 2026-03-02: Ada: first",
        "- Bo: later",
        "- 2026-03-03: Ada: next day",
    ]


def test_what_is_replaced_is_marked_with_the_date_of_the_update():
    new = ranked("Bo moved to Antwerp", date="2026-03-02")
    old = replace(ranked("Bo lives in Ghent", date="2024-05-01"), replaced_by=new.memory)
    assert text_of(new, old) == [
        "- 2026-03-02: Bo moved to Antwerp",
        "- 2024-05-01 until 2026-03-02: Bo lives in Ghent",
    ]
    undated = replace(ranked("Bo lives in Ghent"), replaced_by=new.memory)
    assert text_of(new, undated)[1] == "- until 2026-03-02: Bo lives in Ghent"


def test_the_time_of_an_import_is_no_date_of_an_update():
    others = [ranked(f"m{number}") for number in range(MIN_IMPORTED_MEMORIES)]
    old = replace(ranked("Bo lives in Ghent"), replaced_by=ranked("Bo moved to Antwerp").memory)
    assert text_of(old, *others)[0] == "- until changed: Bo lives in Ghent"
    assert text_of(old)[0] == "- until 2026-11-22: Bo lives in Ghent"


def test_json_has_the_marks_as_fields():
    new = ranked("Bo moved to Antwerp", date="2026-03-02", speaker="Ada")
    old = replace(ranked("Bo lives in Ghent"), replaced_by=new.memory)
    assert json_of(new, old) == [
        {"date": "2026-03-02", "speaker": "Ada", "content": "Bo moved to Antwerp"},
        {"until": "2026-03-02", "content": "Bo lives in Ghent"},
    ]


def test_the_marks_count_towards_the_budget():
    items = [ranked(f"m{number}", date="2026-03-02") for number in range(50)]
    context = build_context(items, budget=100, count=len)
    assert 80 < len(context.text) <= 100
    assert context.text.count("2026-03-02") == len(context.memories)


def test_messages_of_one_day_come_by_their_times_whatever_the_order_of_creation():
    said = [("10:00", "a"), ("9:30", "b"), ("23:59", "c")]
    items = [
        ranked(text, minutes=n, content_type="conversation", session="s", at=f"2026-03-02 {time}")
        for n, (time, text) in enumerate(said)
    ]
    assert text_of(*items) == ["- 2026-03-02: b", "- a", "- c"]
