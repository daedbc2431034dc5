"""Claude and its tool in conversations of two users, and while the service is down or silent."""

from __future__ import annotations

import asyncio
import logging

import pytest
from anthropic.lib.tools import ToolError

from memoryos import MemoryOS
from memoryos.integrations import claude as claude_module
from memoryos.integrations._clients import call
from memoryos.integrations.claude import AsyncMemoryOSMemoryTool, MemoryOSMemoryTool

from ..agents import UNAVAILABLE
from .commands import VIEW, create
from .fake_claude import REQUEST, FakeClaude, async_claude, claude

pytestmark = pytest.mark.local_server

CREATED = ("File created successfully at: /memories/likes.txt", False)


def viewed(text):
    shown = f"Here's the content of /memories/likes.txt with line numbers:\n     1\t{text}"
    return (shown, False)


def test_two_users_in_one_application_each_see_their_own_files(memory):
    for number in range(1000):
        name = ("alice", "bob")[number % 2]
        memory.scoped(user=name).memories.create(f"{name} said {number}", tier="long")
    models = {
        "alice": FakeClaude(create("tea"), VIEW),
        "bob": FakeClaude(create("coffee"), VIEW),
    }
    runners = {
        name: iter(
            claude(model).beta.messages.tool_runner(
                **REQUEST, tools=[MemoryOSMemoryTool(memory, {"user": name})]
            )
        )
        for name, model in models.items()
    }
    for _ in range(3):
        for runner in runners.values():
            next(runner)
    assert models["alice"].tools[0] == {"type": "memory_20250818", "name": "memory"}
    assert models["alice"].shown == [CREATED, viewed("tea")]
    assert models["bob"].shown == [CREATED, viewed("coffee")]


@pytest.mark.anyio
async def test_two_users_at_the_same_time_on_the_asynchronous_client(sandbox):
    memory = sandbox.async_client()
    models = {
        "alice": FakeClaude(create("tea"), VIEW),
        "bob": FakeClaude(create("coffee"), VIEW),
    }

    async def run(name):
        tool = AsyncMemoryOSMemoryTool(memory, {"user": name})
        runner = async_claude(models[name]).beta.messages.tool_runner(**REQUEST, tools=[tool])
        await runner.until_done()

    await asyncio.gather(*map(run, models))
    assert models["alice"].shown == [CREATED, viewed("tea")]
    assert models["bob"].shown == [CREATED, viewed("coffee")]


def test_claude_goes_on_and_is_told_so_while_the_service_is_down(caplog):
    model = FakeClaude(VIEW)
    memory = MemoryOS("mos_test", base_url="http://127.0.0.1:9/v1", max_retries=0)
    with memory, caplog.at_level(logging.WARNING, "memoryos.integrations"):
        tool = MemoryOSMemoryTool(memory, {"user": "alice"})
        runner = claude(model).beta.messages.tool_runner(**REQUEST, tools=[tool])
        assert runner.until_done().content[0].text == "Done."
    assert model.shown == [(UNAVAILABLE, True)]
    assert "Could not use the memory tool" in caplog.text


async def error_of(memory):
    """Return what Claude is told, as an error, by the tool of this kind of client."""
    kind = MemoryOSMemoryTool if isinstance(memory, MemoryOS) else AsyncMemoryOSMemoryTool
    with pytest.raises(ToolError) as caught:
        await call(kind(memory, {"user": "alice"}).call, VIEW)
    return caught.value.content


@pytest.mark.anyio
async def test_the_tool_of_either_kind_goes_on_while_the_service_is_down(client_without_service):
    assert await error_of(client_without_service) == UNAVAILABLE


@pytest.mark.anyio
async def test_a_silent_service_holds_up_no_command(client_of_a_silent_service, monkeypatch):
    """Of the tool of either kind."""
    monkeypatch.setattr(claude_module, "WRITE_DEADLINE", 0.1)
    assert await error_of(client_of_a_silent_service) == UNAVAILABLE
