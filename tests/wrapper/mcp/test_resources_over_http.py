"""Resources and prompts over HTTP: with the memories of the key's scope only."""

from __future__ import annotations

import json

import pytest

from .calls import answer
from .official_client import ProtocolError, over_http

pytestmark = [pytest.mark.anyio, pytest.mark.local_server]

MEMORY, TAG = "memory://{id}", "memory://tags/{tag}"


async def test_a_key_reads_the_resources_of_its_scope(served):
    """Ids and tags of others complete nothing, and their memories are like none."""
    keys = {name: served.new_key(scope={"user": name}) for name in ("alice", "bob")}
    async with over_http(served.url, keys["bob"]) as bob:
        secret = (await answer(bob, "remember", content="Bob's secret tea", tags=["salary"]))[
            "memory"
        ]
    async with over_http(served.url, keys["alice"]) as alice:
        own = (await answer(alice, "remember", content="Alice likes tea", tags=["drinks"]))[
            "memory"
        ]
        (recent,) = await alice.read("memory://recent")
        (one,) = await alice.read(f"memory://{own['id']}")
        prompt = await alice.prompt("recall", topic="tea")
        with pytest.raises(ProtocolError) as caught:
            await alice.read(f"memory://{secret['id']}")
        completed = [
            *await alice.complete(MEMORY, "id", ""),
            *await alice.complete(TAG, "tag", ""),
            *await alice.complete("recall", "topic", ""),
        ]
    assert caught.value.error.code in (-32002, -32602)
    assert json.loads(one["text"])["memory"]["content"] == "Alice likes tea"
    assert "Alice likes tea" in prompt
    assert "drinks" in completed
    assert own["id"] in completed
    everything = "".join([recent["text"], one["text"], prompt, *completed])
    for foreign in ("Bob", "bob", "salary", secret["id"]):
        assert foreign not in everything


async def test_a_key_that_may_only_search_completes_nothing(served):
    """Its user types the argument of a prompt without an error."""
    key = served.new_key(scopes=["search:read"])
    async with over_http(served.url, key) as client:
        assert await client.complete("recall", "topic", "") == []
        assert "Nothing is remembered" in await client.prompt("recall", topic="tea")
