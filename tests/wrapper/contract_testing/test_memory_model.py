"""What sequences of calls expect of the memories that they made."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from memoryos.contract_testing.generation.memory_model import MemoryModel

CONTENT = "Tea at four.\n\nThe door code is 4711. Bring milk."


MEMORY = {
    "id": "m1",
    "content": CONTENT,
    "tier": "short",
    "content_type": "text",
    "memory_nature": None,
    "metadata": {"tags": ["home"], "n": 1},
}


def observed(model, operation, data, *, memory_id=None, body=None):
    """Return what a successful response contradicts."""
    response = SimpleNamespace(status=200, is_success=True, data=data)
    return model.observe(operation, memory_id, body, response)


@pytest.fixture
def model():
    made = MemoryModel()
    body = {"content": CONTENT, "metadata": MEMORY["metadata"]}
    assert observed(made, "create_memory", MEMORY, body=body) == []
    return made


@pytest.mark.parametrize(
    ("shown", "is_right"),
    [
        (CONTENT, True),
        ("\u2026 The door code is 4711. \u2026", True),
        ("Tea at four. \u2026 Bring milk.", True),
        ("Tea at four. The door code is 4711. \u2026", True),
        ("The door code is 4711.", False),
        ("\u2026 The door code is 4712. \u2026", False),
        ("Bring milk. \u2026 Tea at four.", False),
        ("something else \u2026", False),
    ],
)
def test_a_context_may_hold_passages_of_a_memory_with_marked_gaps(model, shown, is_right):
    item = {"id": "m1", "content": shown}
    assert (observed(model, "get_context", {"memories": [item]}) == []) is is_right


def test_a_search_holds_whole_memories(model):
    item = {"id": "m1", "content": "Tea at four. \u2026"}
    found = observed(model, "search_memories", {"results": [item]})
    assert [each.check for each in found] == ["keeps-what-was-stored"]


@pytest.mark.parametrize(
    ("after", "is_right"),
    [
        ({"n": 2}, True),
        ({"n": 2, "tags": ["home"]}, True),
        ({"n": 2, "tags": ["away"]}, False),
        ({"n": 1, "tags": ["home"]}, False),
    ],
)
def test_an_update_replaces_metadata_and_may_keep_its_tags(model, after, is_right):
    data = {**MEMORY, "metadata": after}
    body = {"metadata": {"n": 2}}
    found = observed(model, "update_memory", data, memory_id="m1", body=body)
    assert (found == []) is is_right
