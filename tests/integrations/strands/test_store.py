"""The store itself, beside the one that Strands brings along for tests."""

from __future__ import annotations

from functools import partial

import pytest
from strands.memory import MemoryManager
from strands.memory.types import AddMessagesContext, MemoryStore
from strands.vended_memory_stores.test_memory_store import TestMemoryStore as ReferenceStore

from memoryos import APIConnectionError, APITimeoutError, ValidationError
from memoryos.integrations import strands
from memoryos.integrations.strands import MemoryOSMemoryStore

pytestmark = [pytest.mark.anyio, pytest.mark.local_server]

# As patient as a busy machine needs.
Store = partial(MemoryOSMemoryStore, recall_deadline=60)

ALICE = {"user": "alice"}
MESSAGES = [
    {"role": "user", "content": [{"text": "I like tea"}]},
    {"role": "assistant", "content": [{"text": "ok"}]},
    {"role": "user", "content": [{"text": "ok"}]},
    {"role": "assistant", "content": [{"toolUse": {"name": "t", "toolUseId": "1", "input": {}}}]},
    {"role": "user", "content": [{"text": " "}, {"text": "tea"}, {"text": "with milk"}]},
    {"role": "user", "content": [{"text": "ok"}]},
]


def contents(entries):
    return sorted(entry.content for entry in entries)


async def test_it_is_a_store_of_the_protocol(client):
    """The manager takes it, with each of the ways to write, and finds what it searches with."""
    store = Store(client, scope=ALICE, name="notes", max_search_results=2)
    assert MemoryStore in MemoryOSMemoryStore.__mro__
    manager = MemoryManager([store], add_tool_config=True)
    assert [tool.tool_name for tool in manager.tools] == ["search_memory", "add_memory"]
    for text in ("green tea", "black tea", "cold tea"):
        await manager.add(text)
    found = await manager.search("tea")
    assert len(found) == 2
    assert {entry.store_name for entry in found} == {"notes"}
    MemoryManager([Store(client, scope=ALICE, extraction=True)])
    MemoryManager([Store(client, scope=ALICE, writable=False)])


async def test_it_keeps_and_finds_what_the_reference_store_does(client):
    """Texts, each once, with their metadata; nothing for an empty query."""
    ours = Store(client, scope=ALICE, max_search_results=100)
    theirs = ReferenceStore(name="theirs", persist=False, max_search_results=100)
    given = [("tea with milk", {"a": 1}), ("tea with milk ", {"a": 1}), ("lemon", None)]
    for store in (ours, theirs):
        for text, metadata in given:
            await store.add(text, metadata)
        assert await store.search(" ") == []
        with pytest.raises(ValueError, match="content"):
            await store.add("  ")
    for query in ("tea with milk", "lemon"):
        expected = await theirs.search(query)
        found = (await ours.search(query))[: len(expected)]
        assert [entry.content.strip() for entry in found] == [
            entry.content.strip() for entry in expected
        ]
        assert [entry.metadata.get("a") for entry in found] == [
            entry.metadata.get("a") for entry in expected
        ]
    found = await ours.search("tea")
    assert len(found) == 2
    assert {key for entry in found for key in entry.metadata} == {"a", "id", "created_at", "score"}


async def test_messages_are_stored_once_however_often_they_are_tried(client):
    """Equal texts of two messages are two memories; those without a text are none."""
    store = Store(client, scope=ALICE)
    numbers = AddMessagesContext(sequence_numbers=[0, 1, 2, 3, 7, 8])
    first = await store.add_messages(MESSAGES, numbers)
    assert await store.add_messages(MESSAGES, numbers) == first
    assert len(set(first)) == 5
    found = await store.search("tea", {"max_search_results": 1000})
    assert contents(found) == [" \ntea\nwith milk", "I like tea", "ok", "ok", "ok"]
    assert {entry.metadata["role"] for entry in found} == {"user", "assistant"}
    another = Store(client, scope=ALICE)
    assert set(await another.add_messages(MESSAGES, numbers)).isdisjoint(first)


async def test_a_search_for_no_memories_is_refused(client):
    """As by the stores of Strands: it must not return what nobody asked for."""
    store = Store(client, scope=ALICE)
    with pytest.raises(ValidationError, match="limit must be from 1 to 100; got 0"):
        await store.search("tea", {"max_search_results": 0})


async def test_two_agents_with_one_store_lose_no_message(client):
    """Though each of them counts from 0."""
    store = Store(client, scope=ALICE)
    for text in ("green tea", "black tea"):
        message = {"role": "user", "content": [{"text": text}]}
        await store.add_messages([message], AddMessagesContext(sequence_numbers=[0]))
    assert contents(await store.search("tea")) == ["black tea", "green tea"]


async def test_a_search_waits_no_longer_than_its_deadline(client_of_a_silent_service):
    store = Store(client_of_a_silent_service, scope=ALICE, recall_deadline=0.1)
    (told,) = await store.search("tea")
    assert told.metadata == {"unavailable": True}


@pytest.mark.parametrize("text", [" \u200b", "\ud800?", "word " * 300_000])
async def test_no_message_keeps_the_next_ones_from_being_stored(client, text):
    """Empty, not valid Unicode, or larger than the service takes."""
    store = Store(client, scope=ALICE)
    messages = [{"role": "user", "content": [{"text": each}]} for each in (text, "I like tea")]
    assert await store.add_messages(messages)
    assert "I like tea" in contents(await store.search("I like tea"))
    await store.search(text)


async def test_a_write_waits_no_longer_than_its_deadline(client_of_a_silent_service, monkeypatch):
    """The manager writes at the end of a call, and tries again later."""
    monkeypatch.setattr(strands, "WRITE_DEADLINE", 0.1)
    store = Store(client_of_a_silent_service, scope=ALICE)
    with pytest.raises(APITimeoutError):
        await store.add("tea")


async def test_a_thousand_memories_of_one_user_leave_another_his_three(client):
    alice = Store(client, scope=ALICE)
    bob = Store(client, scope={"user": "bob"})
    for number in range(1000):
        await alice.add(f"tea number {number}")
    for number in range(3):
        await bob.add(f"tea {number}")
    assert contents(await bob.search("tea number")) == ["tea 0", "tea 1", "tea 2"]
    assert len(await alice.search("tea number")) == 5


@pytest.mark.parametrize("scope", [None, {}, {"user": ""}, {"user": None}, lambda _: ALICE])
async def test_without_a_scope_there_is_no_store(client, scope):
    with pytest.raises(ValidationError, match="scope"):
        Store(client, scope=scope)


async def test_writes_that_fail_raise(client, client_without_service):
    """So that the manager tries them again, or tells the model."""
    down = Store(client_without_service, scope=ALICE)
    with pytest.raises(APIConnectionError):
        await down.add("tea")
    with pytest.raises(APIConnectionError):
        await down.add_messages(MESSAGES)
    read_only = Store(client, scope=ALICE, writable=False)
    for writing in (read_only.add("tea"), read_only.add_messages(MESSAGES)):
        with pytest.raises(ValidationError, match="'memoryos' is not writable"):
            await writing
