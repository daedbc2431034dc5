"""The idempotency keys of a batch: equal for items that are equal as JSON, for no others."""

from __future__ import annotations

from types import MappingProxyType

import pytest

from memoryos._bulk.create_results import CreateJobs
from memoryos._protocol.canonical_json import canonical_json
from memoryos._protocol.operations import create_memory

PARENT = "550e8400-e29b-41d4-a716-446655440000"


def key(item, batch="monday", index=0):
    """Return the idempotency key of an item."""
    return CreateJobs(batch).job(index, item).idempotency_key


def with_metadata(**metadata):
    """Return an item with metadata."""
    return {"content": "x", "metadata": metadata}


DEFAULTS = {
    name: argument.default
    for name, argument in create_memory.arguments.items()
    if argument.default is not None
}

EQUAL = [
    ("x", {"content": "x"}),
    ({"content": "x", "tier": "long"}, {"tier": "long", "content": "x"}),
    ("x", {"content": "x", **DEFAULTS}),
    ("x", {"content": "x", "metadata": None, "source_id": None, "idempotency_key": None}),
    (with_metadata(a=1, b=2), with_metadata(b=2, a=1)),
    (with_metadata(a={"x": [{"p": 1, "q": 2}]}), with_metadata(a={"x": [{"q": 2, "p": 1}]})),
    (with_metadata(a=1), with_metadata(a=1.0)),
    (with_metadata(a=1), with_metadata(a=1e0)),
    (with_metadata(a=[10, {"b": -5}]), with_metadata(a=[1e1, {"b": -5.0}])),
    (with_metadata(a=0), with_metadata(a=-0.0)),
    (with_metadata(a=10**20), with_metadata(a=1e20)),
    (with_metadata(a=10**23), with_metadata(a=1e23)),
    (with_metadata(a=(1, 2)), with_metadata(a=[1, 2])),
    ({"content": "x", "importance_score": 1}, {"content": "x", "importance_score": 1.0}),
    ({"content": "x", "importance_score": 0}, {"content": "x", "importance_score": -0.0}),
    (
        {"content": "x", "metadata": {"a": 1}},
        MappingProxyType({"content": "x", "metadata": {"a": 1}}),
    ),
    (
        {"content": "x", "parent_memory_id": PARENT},
        {"content": "x", "parent_memory_id": PARENT.upper()},
    ),
]

DIFFERENT = [
    ("x", "y"),
    ("x", {"content": "x", "tier": "long"}),
    ("x", {"content": "x", "metadata": {}}),
    ("é", "e\u0301"),
    (with_metadata(a=1), with_metadata(a=True)),
    (with_metadata(a=0), with_metadata(a=False)),
    (with_metadata(a=1), with_metadata(a="1")),
    (with_metadata(a=1), with_metadata(a=1.5)),
    (with_metadata(a=None), with_metadata()),
    (with_metadata(a=[1, 2]), with_metadata(a=[2, 1])),
    (with_metadata(a=[]), with_metadata(a={})),
    (with_metadata(a=2**53), with_metadata(a=2**53 + 1)),
    (with_metadata(a="b"), with_metadata(A="b")),
    (with_metadata(tier="short"), with_metadata()),
    (
        {"content": "x", "metadata": MappingProxyType({"a": 1})},
        {"content": "x", "metadata": MappingProxyType({"a": 2})},
    ),
    ({"content": "x", "importance_score": 1}, {"content": "x", "importance_score": True}),
]


@pytest.mark.parametrize(("first", "second"), EQUAL)
def test_equal_items_have_the_same_key(first, second):
    assert key(first) == key(second)


@pytest.mark.parametrize(("first", "second"), DIFFERENT)
def test_different_items_have_different_keys(first, second):
    assert key(first) != key(second)


def test_batch_and_position_belong_to_the_key():
    assert len({key("x"), key("x", index=1), key("x", batch="tuesday")}) == 3


INVALID = [float("nan"), float("inf"), object(), {1: 2}, 10**5000, "\ud800"]


@pytest.mark.parametrize("value", INVALID, ids=range(len(INVALID)))
def test_an_item_that_is_invalid_has_a_key_too(value):
    """Validation rejects it before it is sent."""
    assert len(key(with_metadata(a=value))) == 64


def test_canonical_json_of_a_deep_value_is_an_error_of_python():
    value = []
    for _ in range(100_000):
        value = [value]
    with pytest.raises(RecursionError):
        canonical_json(value)


@pytest.mark.local_server
def test_the_local_server_takes_equal_items_for_the_same_request():
    """Whatever of them was sent first: a retry with the other one is no conflict."""
    pytest.importorskip("memoryos_server", reason="the extra [local] is not installed")
    from memoryos import MemoryOS

    firsts, seconds = zip(*(pair for pair in EQUAL if "parent_memory_id" not in pair[0]))
    with MemoryOS.local(":memory:", embedder="none") as memory:
        created = [
            list(memory.memories.create_many(items, batch="b")) for items in (firsts, seconds)
        ]
        assert [result.error for results in created for result in results] == [None] * 2 * len(
            firsts
        )
        ids = [[result.memory["id"] for result in results] for results in created]
        assert ids[0] == ids[1]
        assert memory.memories.list()["meta"]["total"] == len(firsts)
