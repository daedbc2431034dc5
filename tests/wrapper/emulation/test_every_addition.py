"""No argument of the contract's additions reaches a service that doesn't name its feature."""

from __future__ import annotations

import pytest

from memoryos import NotSupportedError
from memoryos._protocol.emulation import _EMULATED
from memoryos._protocol.operations import OPERATIONS

pytestmark = [pytest.mark.anyio, pytest.mark.local_server]

ADDITIONS = [
    (operation.name, argument.name)
    for operation in OPERATIONS.values()
    for argument in operation.arguments.values()
    if argument.feature
]
VALUES = {
    "tags": ["a"],
    "entities": ["7f2c1f0e-9d5b-4c1e-8a53-0f6b7f6c2d11"],
    "upsert": True,
    "upsert_within": ["a"],
    "metadata": {"n": 1},
    "external_id": "key",
    "content_type": "fact",
    "memory_nature": "semantic",
    "highlights": True,
    "explain": True,
    "uncounted": True,
    "access_count": 1,
}
OTHERS = {
    "create_memory": {"content": "text", "external_id": "key"},
    "list_memories": {},
    "get_memory": {},
    "update_memory": {"content": "new"},
    "search_memories": {"query": "text", "threshold": 0},
    "get_context": {"query": "text"},
}


@pytest.mark.parametrize(("operation", "name"), ADDITIONS)
async def test_that_an_addition_is_done_or_refused(place, operation, name):
    """Done by the SDK where it says so, and otherwise refused before the call is sent."""
    memory = await place.done(place.memories.create("text"))
    arguments = {**OTHERS[operation], name: VALUES.get(name, memory["updated_at"])}
    if operation in {"get_memory", "update_memory"}:
        arguments["memory_id"] = memory["id"]
    del place.stand_in.sent[:]
    described = OPERATIONS[operation]
    call = place.client._session.call
    if described.arguments[name].feature in _EMULATED.get(operation, ()):
        assert await place.done(call(described, arguments))
    else:
        with pytest.raises(NotSupportedError, match=name):
            await place.done(call(described, arguments))
        assert place.sent(operation) == []
    for sent, given in place.stand_in.sent:
        known = {one.wire_name for one in OPERATIONS[sent].arguments.values() if not one.feature}
        assert given <= known
