"""The tools cover the operations of the contract, but for those that are left out on purpose."""

from __future__ import annotations

import pytest

from memoryos._protocol import observers
from memoryos._protocol.observers import Observer
from memoryos_api.operations import OPERATIONS

from .calls import answer

pytestmark = pytest.mark.anyio

# What a model has no use for: it finds memories by meaning, and labels come with them.
LEFT_OUT = {"get_memory", "list_tags", "list_entities", "create_entity"}


async def test_every_operation_has_a_tool_or_is_left_out_on_purpose(connected, monkeypatch):
    """A new operation of the contract is missed here until somebody decides."""
    called = set()

    def observe(operation, _):
        called.add(operation.name)
        return Observer()

    async with connected() as client:
        monkeypatch.setattr(observers, "factories", [observe])
        memory = await answer(client, "remember", content="Ada likes tea")
        (memory_id,) = [value for value in _leaves(memory) if _is_id(value)]
        arguments = {
            "remember": {"content": "Ada likes coffee"},
            "search_memories": {"query": "tea"},
            "get_context": {"query": "tea"},
            "list_memories": {},
            "add_messages": {"messages": [], "session": "s"},
            "update_memory": {"memory_id": memory_id, "tier": "long"},
            "forget": {"memory_id": memory_id},
        }
        assert set(await client.tools()) == set(arguments)
        for tool, given in arguments.items():
            assert not (await client.call(tool, given))["isError"]
    assert called == set(OPERATIONS) - LEFT_OUT


def _leaves(value):
    if isinstance(value, dict):
        return [leaf for part in value.values() for leaf in _leaves(part)]
    return [value]


def _is_id(value):
    return isinstance(value, str) and len(value) == 36 and value.count("-") == 4
