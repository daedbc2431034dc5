"""One file, several clients: in this process, in another one, behind `memoryos serve`."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from memoryos import AsyncMemoryOS, MemoryOS

from .scenarios_memories import contents
from .servers import serving

ANOTHER_PROCESS = Path(__file__).parent / "programs" / "remember.py"

pytestmark = pytest.mark.usefixtures("_by_words")


@pytest.fixture
def file(tmp_path):
    return tmp_path / "memories.db"


def client_of(server):
    return MemoryOS(api_key=server.api_key, base_url=server.base_url)


def everything(memory):
    """Return what a client lists and what it finds."""
    listed = contents(memory.memories.list(limit=100)["data"])
    found = contents(memory.search("red", threshold=0.5, limit=100)["results"])
    assert sorted(listed) == sorted(found)
    return set(listed)


def test_two_clients_on_one_file_see_each_others_memories(file):
    """Each change at once, by list and by search."""
    with MemoryOS.local(file) as one, MemoryOS.local(file) as other:
        made = one.memories.create("red one", tier="long")
        assert everything(other) == {"red one"}
        other.memories.create("red two", tier="long")
        other.memories.update(made["id"], content="red three")
        assert everything(one) == {"red three", "red two"}
        one.memories.delete(made["id"])
        assert everything(other) == {"red two"}


def test_the_async_client_shares_a_file_with_the_sync_one(file):
    """Memories outlive the client that made them."""

    async def remember():
        async with AsyncMemoryOS.local(file) as memory:
            await asyncio.gather(*(memory.memories.create(f"red {n}") for n in range(5)))

    asyncio.run(remember())
    with MemoryOS.local(file) as memory:
        assert everything(memory) == {f"red {n}" for n in range(5)}


def test_another_process_sees_our_memories_and_we_see_its(file):
    """While we have the file open."""
    with MemoryOS.local(file) as memory:
        memory.memories.create("red from here")
        assert everything(memory) == {"red from here"}
        command = [sys.executable, "-W", "error", str(ANOTHER_PROCESS), str(file)]
        told = subprocess.run(
            [*command, "red from there"], stdout=subprocess.PIPE, text=True, check=True
        )
        assert json.loads(told.stdout) == ["red from there", "red from here"]
        assert everything(memory) == {"red from here", "red from there"}


def test_a_server_on_the_file_shares_the_default_owners_memories(file):
    """`MemoryOS.local(file)` and `memoryos serve --data file`, both open."""
    with MemoryOS.local(file) as local:
        made = local.memories.create("red from here", tier="long")
        with serving(file) as server, client_of(server) as remote:
            assert everything(remote) == {"red from here"}
            remote.memories.create("red from there", tier="long")
            remote.memories.update(made["id"], content="red as well")
            assert everything(local) == {"red as well", "red from there"}
        assert everything(local) == {"red as well", "red from there"}


def test_reads_of_all_clients_are_counted_together(file):
    """At the latest when they close."""
    with MemoryOS.local(file) as memory:
        made = memory.memories.create("red", tier="long")["id"]
    for _ in range(3):
        with MemoryOS.local(file) as memory:
            memory.memories.get(made)
            memory.search("red")
    with MemoryOS.local(file) as memory:
        assert memory.memories.list()["data"][0]["access_count"] == 6


def test_one_idempotency_key_makes_one_memory_whichever_client_brings_it(file):
    """The claim is in the file, with the memory."""
    with MemoryOS.local(file) as one, MemoryOS.local(file) as other:
        ids = {memory.memories.create("once", idempotency_key="k")["id"] for memory in (one, other)}
        assert len(ids) == 1
        assert one.memories.list()["meta"]["total"] == 1


def test_threads_share_a_client(file):
    """No memory is lost, none is there twice."""
    with MemoryOS.local(file) as memory, ThreadPoolExecutor(4) as pool:
        made = list(pool.map(lambda n: memory.memories.create(f"red {n}")["id"], range(40)))
        assert len(set(made)) == 40
        assert everything(memory) == {f"red {n}" for n in range(40)}


def test_a_memory_of_nobody_else_is_in_memory_only(tmp_path, monkeypatch):
    """Two clients on `:memory:` have nothing in common, and leave no file."""
    monkeypatch.chdir(tmp_path)
    with MemoryOS.local(":memory:") as one, MemoryOS.local(":memory:") as other:
        one.memories.create("red")
        assert everything(one) == {"red"}
        assert everything(other) == set()
    assert list(tmp_path.iterdir()) == []
