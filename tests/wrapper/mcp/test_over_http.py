"""`/mcp` as AI applications use it: with an API key, spoken to by the official client."""

from __future__ import annotations

import logging

import anyio
import pytest

from memoryos.mcp._log_notes import collected_notes

from .calls import answer, complaint, text
from .official_client import IS_FIRST_GENERATION, ProtocolError, over_http

pytestmark = [pytest.mark.anyio, pytest.mark.local_server]

READ_TOOLS = {"search_memories", "get_context", "list_memories"}
WRITE_TOOLS = {"remember", "add_messages", "update_memory", "forget"}

# 2.x also speaks the revisions that open with a handshake.
MODES = [{}] if IS_FIRST_GENERATION else [{}, {"mode": "legacy"}]


@pytest.mark.parametrize("mode", MODES, ids=str)
async def test_what_is_remembered_is_found_changed_and_forgotten(served_on_both, mode):
    """All tools, one after another, with one key."""
    async with over_http(served_on_both.url, served_on_both.new_key(), **mode) as client:
        assert client.initialized["serverInfo"]["name"] == "memoryos"
        assert set(await client.tools()) == READ_TOOLS | WRITE_TOOLS
        stored = await answer(client, "remember", content="Ada drinks her coffee black")
        memory_id = stored["memory"]["id"]
        found = await answer(client, "search_memories", query="coffee black", threshold=0)
        assert [each["id"] for each in found["memories"]] == [memory_id]
        assert "coffee" in await text(client, "get_context", query="Ada coffee", max_tokens=100)
        said = [{"role": "user", "content": "Tea, please"}]
        kept = await answer(client, "add_messages", messages=said, session="monday")
        assert kept["stored"] == 1
        changed = await answer(client, "update_memory", memory_id=memory_id, content="Ada: tea")
        assert changed["memory"]["content"] == "Ada: tea"
        assert (await answer(client, "list_memories"))["total"] == 2
        assert await answer(client, "forget", memory_id=memory_id) == {"forgotten": memory_id}
        assert "list_memories" in await complaint(client, "forget", memory_id=memory_id)


@pytest.mark.parametrize(
    ("permissions", "offered"),
    [
        (["search:read"], {"search_memories", "get_context"}),
        (["memories:read"], {"list_memories"}),
        (["memories:read", "search:read"], READ_TOOLS),
        (["memories:write"], {"remember", "update_memory", "forget"}),
        (["admin"], set()),
        (["*"], READ_TOOLS | WRITE_TOOLS),
    ],
)
async def test_a_key_is_offered_the_tools_that_it_permits(served, permissions, offered):
    """And the others can't be called either."""
    async with over_http(served.url, served.new_key(scopes=permissions)) as client:
        assert set(await client.tools()) == offered
        for tool in (READ_TOOLS | WRITE_TOOLS) - offered:
            told = await complaint(client, tool)
            assert f"Unknown tool '{tool}'" in told
            assert "with this API key" in told


@pytest.mark.parametrize(
    ("permissions", "resources", "prompts"),
    [(["search:read"], [], 2), (["memories:read"], ["memory://recent"], 0), (["admin"], [], 0)],
)
async def test_a_key_is_offered_the_resources_and_prompts_that_it_permits(
    served, permissions, resources, prompts
):
    """And the others can't be used either."""
    async with over_http(served.url, served.new_key(scopes=permissions)) as client:
        listed, templates = await client.resources()
        assert [resource["uri"] for resource in listed] == resources
        assert bool(templates) is bool(resources)
        assert len(await client.prompts()) == prompts
        if not resources:
            with pytest.raises(ProtocolError):
                await client.read("memory://recent")
        if not prompts:
            with pytest.raises(ProtocolError):
                await client.prompt("recall", topic="x")


async def test_nobody_learns_of_the_language_of_others(served):
    """What the process logs is about the memories of all callers."""
    logger = logging.getLogger("memoryos_server.embedders.english_only")
    async with over_http(served.url, served.new_key(), **MODES[-1]) as client:
        with collected_notes():  # as for the only caller of `memoryos mcp`: it adds its handler
            pass
        for use in (client.call("list_memories", {}), client.prompt("recall", topic="x")):
            logger.warning("most texts here are not in English")
            assert "not in English" not in str(await use)
    with collected_notes() as notes:
        pass
    assert "not in English" in notes[0]


async def test_only_a_key_that_writes_is_told_that_it_can(served):
    """The instructions for the model follow the key."""
    for permissions, is_read_only in ((["search:read"], True), (["*"], False)):
        async with over_http(served.url, served.new_key(scopes=permissions)) as client:
            assert ("read-only" in client.initialized["instructions"]) is is_read_only


async def test_calls_of_several_keys_at_once_never_mix(served_on_both):
    """Ten owners and scopes, each with some calls at a time, see their own memories only."""
    keys = {f"owner{n}": served_on_both.new_key(owner=f"owner{n}") for n in range(5)}
    keys |= {f"user{n}": served_on_both.new_key(scope={"user": f"user{n}"}) for n in range(5)}

    async def use(name):
        async with over_http(served_on_both.url, keys[name]) as client:
            async with anyio.create_task_group() as calls:
                for n in range(4):
                    calls.start_soon(remember, client, f"The secret of {name} is {n}")
            listed = await answer(client, "list_memories")
            assert listed["total"] == 4
            for n in range(4):
                found = await answer(client, "search_memories", query="secret", threshold=0)
                contents = {memory["content"] for memory in found["memories"]}
                assert contents == {f"The secret of {name} is {n}" for n in range(4)}

    async def remember(client, content):
        await answer(client, "remember", content=content)

    async with anyio.create_task_group() as clients:
        for name in keys:
            clients.start_soon(use, name)


async def test_a_memory_of_others_is_like_none(served_on_both):
    """Of another owner, and of another user of the same owner."""
    async with over_http(
        served_on_both.url, served_on_both.new_key(scope={"user": "ada"})
    ) as client:
        stored = await answer(client, "remember", content="Ada's")
        assert "user:ada" in stored["memory"]["metadata"]["tags"]
    memory_id = stored["memory"]["id"]
    for key in (
        served_on_both.new_key(scope={"user": "bob"}),
        served_on_both.new_key(owner="other"),
    ):
        async with over_http(served_on_both.url, key) as client:
            assert (await answer(client, "list_memories"))["total"] == 0
            for tool, arguments in (("update_memory", {"content": "mine"}), ("forget", {})):
                told = await complaint(client, tool, memory_id=memory_id, **arguments)
                assert "not found" in told


async def test_a_key_that_is_revoked_ends_at_once(served):
    """The next message of a connected client is refused."""
    key = served.new_key()

    async def use():
        async with over_http(served.url, key) as client:
            await answer(client, "remember", content="x")
            (record,) = served.service.list_keys()
            served.service.revoke_key(record.id)
            await client.call("list_memories", {})

    with pytest.raises(Exception, match=r".") as refused:  # 1.x raises it when the client closes
        await use()
    assert key not in repr(refused.value)
