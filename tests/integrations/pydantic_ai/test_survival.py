"""No outage, no silent service and no odd prompt stops an agent."""

from __future__ import annotations

import logging

import pytest
from pydantic_ai.messages import TextPart

from memoryos.integrations import _agent_memory
from memoryos.integrations.pydantic_ai import MemoryOSCapability, memory_toolset

from ..agents import UNAVAILABLE, User, check_outage, stored
from .fake_model import Fake, agent_of, calls, scope

pytestmark = [pytest.mark.anyio, pytest.mark.local_server]


async def test_the_agent_goes_on_without_memories_while_the_service_is_down(
    client_without_service, caplog
):
    fake = Fake(calls("search_memories", query="tea"), TextPart("I can't look it up."))
    agent = agent_of(
        fake,
        MemoryOSCapability(client_without_service, scope, deadline=60),
        toolsets=[memory_toolset(client_without_service, scope)],
    )
    with caplog.at_level(logging.WARNING, "memoryos.integrations"):
        result = await agent.run("What do I like?", deps=User("alice"))
    assert result.output == "I can't look it up."
    assert fake.prompts() == [UNAVAILABLE, "What do I like?"]
    assert fake.tool_outputs() == [UNAVAILABLE]
    check_outage(caplog)


async def test_a_silent_service_holds_up_no_run(client_of_a_silent_service, monkeypatch):
    """No call waits longer than its deadline: the recall, the tool, what is stored at the end."""
    monkeypatch.setattr(_agent_memory, "WRITE_DEADLINE", 0.1)
    memory, fake = client_of_a_silent_service, Fake(calls("remember", content="tea"))
    agent = agent_of(
        fake,
        MemoryOSCapability(memory, scope, deadline=0.1),
        toolsets=[memory_toolset(memory, scope)],
    )
    result = await agent.run("I like tea", deps=User("alice"))
    assert result.output == "Yes."
    assert fake.prompts() == [UNAVAILABLE, "I like tea"]
    assert fake.tool_outputs() == [UNAVAILABLE]


@pytest.mark.parametrize("text", ["", " \u200b", "\ud800?", "word " * 300_000])
async def test_no_prompt_of_a_user_stops_the_agent(client, memory, text):
    """Empty, not valid Unicode, or larger than the service takes: the answer is remembered."""
    agent = agent_of(Fake(), MemoryOSCapability(client, scope, deadline=60))
    await agent.run(text, deps=User("alice"))
    assert stored(memory, "alice")[0] == "Assistant: Yes."
