"""The date of what a memory tells, and which of two memories is the later."""

from __future__ import annotations

from datetime import datetime, timezone

import pytest

from memoryos_server.search.event_dates import event_date, time_order
from memoryos_server.service.memory_changes import new_memory

NOW = datetime(2026, 11, 22, 10, tzinfo=timezone.utc)


def memory(**metadata):
    body = {"content": "tea", "tier": "long", "content_type": "text", "metadata": metadata}
    return new_memory(body, owner="o", memory_id="1", now=NOW)


@pytest.mark.parametrize(
    ("date", "expected"),
    [
        ("2026-03-02", "2026-03-02"),
        ("March 2026", "2026-03"),
        ("in March", None),
        ("noon", None),
        ("3 March and 4 May 2026", None),
    ],
)
def test_the_date_of_a_memory_is_one_with_a_year_and_a_month(date, expected):
    assert event_date({"date": date}) == expected


def test_without_metadata_there_is_no_date():
    assert event_date({}) is None


def test_memories_are_ordered_by_their_date_and_then_by_their_creation():
    created = "2026-11-22T10:00:00.000000+00:00"
    assert time_order(memory(date="2026-03-02")) == ("2026-03-02", "", created)
    assert time_order(memory()) == ("2026-11-22", "", created)
