"""Resources and prompts over HTTP: those that a key permits, with the memories of its scope."""

from __future__ import annotations

import json
import logging

import pytest

from memoryos_server.embedders.english_only import FACT

from .calls import answer
from .official_client import ProtocolError, over_http

pytestmark = [pytest.mark.anyio, pytest.mark.local_server]

MEMORY, TAG = "memory://{id}", "memory://tags/{tag}"
METHOD_NOT_FOUND = -32601


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


@pytest.mark.parametrize(
    ("permissions", "reads", "searches"),
    [
        (["memories:read"], True, False),
        (["search:read"], False, True),
        (["memories:write"], False, False),
        (["admin"], False, False),
        (["*"], True, True),
    ],
)
async def test_a_key_is_offered_what_it_permits(served, permissions, reads, searches):
    """The server says that it hasn't got the rest."""
    async with over_http(served.url, served.new_key(scopes=permissions)) as client:
        for request, is_permitted in (
            (lambda: client.resources(), reads),
            (lambda: client.read("memory://recent"), reads),
            (lambda: client.complete(TAG, "tag", ""), reads),
            (lambda: client.prompts(), searches),
            (lambda: client.prompt("recall", topic="tea"), searches),
        ):
            if is_permitted:
                await request()
            else:
                with pytest.raises(ProtocolError) as caught:
                    await request()
                assert caught.value.error.code == METHOD_NOT_FOUND


async def test_a_prompt_has_no_note_about_the_memories_of_others(served):
    """The log of the server is about all callers."""
    async with over_http(served.url, served.new_key()) as client:
        texts = []
        for _ in range(2):
            texts.append(await client.prompt("recall", topic="tea"))
            logging.getLogger("memoryos_server.embedders.english_only").warning(FACT)
    assert FACT not in "".join(texts)
