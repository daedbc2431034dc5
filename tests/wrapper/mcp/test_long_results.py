"""`search_memories` names the passages of long memories that match."""

from __future__ import annotations

import pytest

pytestmark = pytest.mark.anyio

LONG = f"{'The island is quiet. ' * 30}The cellar is damp. {'Nothing happens. ' * 30}"


async def test_a_long_memory_comes_with_its_passages_and_is_accessed_once(connected, local, memory):
    memory.memories.create(LONG)
    memory.memories.create("A damp cellar grows mould.")
    account = local()
    async with connected(account) as client:
        arguments = {"query": "damp cellar", "threshold": 0}
        result = await client.call("search_memories", arguments)
        stored = (await account.memories.list())["data"]
    long, short = sorted(
        result["structuredContent"]["memories"], key=lambda found: -len(found["content"])
    )
    assert long["content"] == LONG
    assert any("The cellar is damp." in passage for passage in long["highlights"])
    assert "highlights" not in short
    assert [one["access_count"] for one in stored] == [1, 1]
