"""`memoryos_local` and `async_memoryos_local`: a Memory OS of a test's own, in this process."""

from __future__ import annotations

import asyncio
import threading

import pytest

from memoryos import MemoryOSError, NotFoundError
from memoryos.testing import Clock, Sandbox

BY_WORDS = pytest.mark.memoryos(embedder="hashing")


@BY_WORDS
@pytest.mark.parametrize("_", range(2))
def test_every_test_begins_with_nothing_and_gets_the_same(memoryos_local, _):
    """The same ids, times and request ids, in whichever order the tests run."""
    assert memoryos_local.memories.list()["meta"]["request_id"] == "req_000001"
    first = memoryos_local.memories.create("tea")
    second = memoryos_local.memories.create("coffee")
    entity = memoryos_local.entities.create("Ada", "person")
    ids = [f"00000000-0000-4000-8000-00000000000{number}" for number in (1, 2, 3)]
    assert [first["id"], second["id"], entity["id"]] == ids
    assert first["created_at"] == second["created_at"] == "2026-01-01T00:00:00.000000Z"
    assert [each["id"] for each in memoryos_local.memories.list()["data"]] == [ids[1], ids[0]]


@BY_WORDS
def test_what_expires_and_what_fades_does_so_by_the_clock(memoryos_local, memoryos_clock):
    """A memory of the short tier is gone after a day; one of the long tier fades."""
    short = memoryos_local.memories.create("tea", tier="short")
    long = memoryos_local.memories.create("coffee", tier="long")
    memoryos_clock.advance(hours=23)
    assert memoryos_local.memories.get(short["id"])["relevance_score"] == 1  # after this access
    memoryos_clock.advance(hours=2)
    with pytest.raises(NotFoundError):
        memoryos_local.memories.get(short["id"])
    memoryos_clock.advance(days=100)
    (left,) = memoryos_local.memories.list()["data"]
    assert left["id"] == long["id"]
    assert 0.4 < left["relevance_score"] < 0.6
    assert left["created_at"] == "2026-01-01T00:00:00.000000Z"


@BY_WORDS
def test_all_fixtures_of_a_test_share_one_memory_os(
    memoryos_local, async_memoryos_local, memoryos_server
):
    """What one client stores the others find; in several event loops, one after the other."""
    memoryos_local.memories.create("tea")
    asyncio.run(async_memoryos_local.memories.create("coffee"))
    memoryos_server.client().memories.create("milk")
    listed = asyncio.run(async_memoryos_local.memories.list())
    assert [each["content"] for each in listed["data"]] == ["milk", "coffee", "tea"]
    memoryos_local.close()
    assert memoryos_server.client().memories.list()["meta"]["total"] == 3


@pytest.mark.embedder
def test_memories_are_found_by_meaning(memoryos_local):
    """As by `MemoryOS.local()`, with the API's own threshold."""
    memoryos_local.memories.create("The spare key is with the neighbour on the left")
    memoryos_local.memories.create("Tomás takes his coffee without sugar")
    (found,) = memoryos_local.search("Who has another key to the house?")["results"]
    assert "neighbour" in found["content"]


@BY_WORDS
def test_the_marker_chooses_what_finds(memoryos_local):
    """Equal words here: no model is loaded, and no meaning found."""
    memoryos_local.memories.create("The spare key is with the neighbour on the left")
    answer = memoryos_local.search("Who could let me into the house?", threshold=0.7)
    assert answer["results"] == []
    same = memoryos_local.search("the spare key is with the neighbour on the left")
    assert len(same["results"]) == 1


@pytest.mark.memoryos(embedder="none")
def test_without_an_embedder_the_search_is_one_of_texts(memoryos_local):
    memoryos_local.memories.create("The spare key is with the neighbour")
    found = memoryos_local.search("key")
    assert found["search_type"] == "text"
    assert len(found["results"]) == 1


def test_a_sandbox_needs_no_pytest_and_leaves_nothing_behind():
    """Its clients end with it, threads and all; closing it again does nothing."""
    before = threading.enumerate()
    clock = Clock()
    with Sandbox(clock, embedder="hashing") as sandbox:
        memory, other = sandbox.client(), sandbox.async_client()
        memory.memories.create("tea", tier="short")
        assert asyncio.run(other.memories.list())["meta"]["total"] == 1
        clock.advance(days=2)
        assert memory.memories.list()["meta"]["total"] == 0
    sandbox.close()
    assert threading.enumerate() == before
    with pytest.raises(MemoryOSError, match="closed"):
        memory.memories.list()
    with pytest.raises(MemoryOSError, match="closed"):
        asyncio.run(other.memories.list())


def test_a_sandbox_is_closed_while_an_event_loop_runs():
    """As in notebooks, and under plugins that keep one running."""

    async def use():
        with Sandbox(embedder="hashing") as sandbox:
            return await sandbox.async_client().memories.create("tea")

    assert asyncio.run(use())["content"] == "tea"


def test_an_embedder_that_does_not_exist_is_refused():
    with pytest.raises(ValueError, match="unknown embedder word2vec: use one of minilm, hashing"):
        Sandbox(embedder="word2vec")
