"""A server of one scope: nothing outside of it is seen or changed, whatever a tool is told."""

from __future__ import annotations

import json

import pytest

from memoryos import AsyncMemoryOS, ValidationError
from memoryos.mcp import create_server
from memoryos.mcp._log_notes import NOTE

from ..stand_ins import HasAll, IgnoresTags, StandIn
from .calls import answer, complaint

pytestmark = pytest.mark.anyio

SECRET = "Bob earns 5,000 a month"
ATTEMPTS = {
    "search_memories": {"query": SECRET, "threshold": 0, "limit": 100, "tags": ["user:bob"]},
    "get_context": {"query": SECRET, "tags": ["user:bob"]},
    "list_memories": {"limit": 100, "tags": ["user:bob"]},
    "remember": {"content": "x", "tags": ["user:bob"], "metadata": {"tags": ["User:bob"]}},
    "add_messages": {"messages": [{"role": "user", "content": "x"}], "session": "s"},
    "update_memory": {"content": "x", "tags": ["user:bob"], "metadata": {"tags": ["user:bob"]}},
    "forget": {},
}


@pytest.fixture
def bobs(memory):
    """A memory of another user."""
    return memory.scoped(user="bob").memories.create(SECRET, tier="long")


@pytest.fixture
def alices(connected):
    """A function that connects to a server for one user."""
    return lambda: connected(scope={"user": "alice"})


async def test_no_argument_leaves_the_scope(alices, memory, bobs):
    """Every tool, with all that could lead to the other user."""
    own = memory.scoped(user="alice").memories.create("Alice likes tea", tier="long")
    async with alices() as client:
        assert set(await client.tools()) == set(ATTEMPTS)
        for tool, given in ATTEMPTS.items():
            target = {"memory_id": own["id"]} if tool in ("update_memory", "forget") else {}
            result = await client.call(tool, {**given, **target})
            assert not result["isError"], (tool, result)
            assert SECRET not in json.dumps(result)
    assert memory.memories.get(bobs["id"])["content"] == SECRET
    theirs = [one["id"] for one in memory.scoped(user="bob").memories.iterate()]
    assert theirs == [bobs["id"]]


async def test_a_foreign_memory_is_unknown(alices, memory, bobs):
    """It is neither changed nor deleted, and the model isn't told that it exists."""
    unknown = "00000000-0000-4000-8000-000000000000"
    async with alices() as client:
        for tool, given in (("update_memory", {"content": "x"}), ("forget", {})):
            told = [
                await complaint(client, tool, memory_id=memory_id, **given)
                for memory_id in (bobs["id"], unknown)
            ]
            assert told[0] == told[1]
    assert memory.memories.get(bobs["id"])["content"] == SECRET


async def test_what_is_stored_belongs_to_the_scope(alices, memory):
    """With its tags and no others of the same key."""
    async with alices() as client:
        stored = await answer(client, "remember", **ATTEMPTS["remember"])
        await answer(client, "add_messages", **ATTEMPTS["add_messages"])
    assert stored["memory"]["metadata"]["tags"] == ["user:alice"]
    assert len(list(memory.scoped(user="alice").memories.iterate())) == 2


@pytest.mark.filterwarnings("ignore::memoryos.ScopeWarning")
@pytest.mark.parametrize(("behaviour", "told"), [(IgnoresTags, True), (HasAll, False)])
async def test_the_model_is_told_of_memories_that_may_be_missing(connected, behaviour, told):
    """At each call, and only at calls whose results lack the memories of others."""
    service = StandIn(behaviour())
    found = {"query": SECRET, "threshold": 0}
    with service.client() as memory:
        memory.scoped(user="bob").memories.create(SECRET, tier="long")
        account = service.client(asynchronous=True)
        async with connected(account, scope={"user": "alice"}) as client:
            results = [await client.call("search_memories", found) for _ in range(2)]
            stored = await client.call("remember", {"content": "Alice likes tea"})
    assert not stored["isError"], stored
    assert NOTE not in json.dumps(stored)
    for result in results:
        assert not result["isError"], result
        assert (NOTE in [block["text"] for block in result["content"]]) == told
        assert SECRET not in json.dumps(result)


async def test_the_command_serves_one_scope(started, data, memory, bobs):
    """As an application starts it."""
    options = ("--data", str(data), "--user", "alice", "--scope", "project=x")
    async with started(*options, MEMORY_OS_EMBEDDER="hashing") as client:
        assert (await answer(client, "list_memories"))["total"] == 0
        await answer(client, "remember", content="Alice likes tea")
    (own,) = memory.scoped(user="alice", project="x").memories.iterate()
    assert own["content"] == "Alice likes tea"
    assert bobs["id"] != own["id"]


@pytest.mark.parametrize("scope", [{}, {"user": ""}])
def test_an_empty_scope_is_no_scope_of_all(scope):
    """It would be everybody's memories."""
    with pytest.raises(ValidationError):
        create_server(AsyncMemoryOS("mos_test_x", "http://127.0.0.1:9/v1"), scope=scope)
