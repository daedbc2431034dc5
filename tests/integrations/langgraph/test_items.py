"""What an item is made of: memories as any service may send them."""

from __future__ import annotations

from datetime import datetime, timezone

import pytest

from memoryos import InvalidResponseError
from memoryos.integrations._langgraph_items import item_of


def memory(created_at, **metadata):
    own = {"namespace": ["users"], "key": "k", "value.n": 1, **metadata}
    return {"created_at": created_at, "metadata": own}


@pytest.mark.parametrize(
    "time",
    [
        "2026-12-31T23:59:59Z",
        "2026-12-31t23:59:59z",
        "2026-12-31T23:59:60Z",
        "2026-12-31T23:59:59.0Z",
        "2026-12-31T23:59:59.000000000+00:00",
        "2026-12-31T23:59:59",
    ],
)
def test_any_form_of_a_time_is_read(time):
    """A leap second too; and a time without an offset is one in UTC."""
    item = item_of(memory(time, updated_at=time))
    instant = datetime(2026, 12, 31, 23, 59, 59, tzinfo=timezone.utc)
    assert (item.created_at, item.updated_at) == (instant, instant)


@pytest.mark.parametrize("updated_at", ["yesterday", None, 5, "2026-11-02T08:14:00Z"])
def test_an_item_was_put_when_it_was_created_unless_it_says_of_a_later_time(updated_at):
    item = item_of(memory("2026-11-02T08:15:00Z", updated_at=updated_at))
    assert item.updated_at == item.created_at


def test_a_memory_without_a_time_is_an_invalid_response():
    with pytest.raises(InvalidResponseError, match="created_at of a memory is not a time"):
        item_of(memory("yesterday"))
