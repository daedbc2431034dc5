"""No outage, no silent service and no odd message stops an agent."""

from __future__ import annotations

import logging

import pytest
from agents import SQLiteSession

from memoryos.integrations import _agent_memory
from memoryos.integrations.openai_agents import MemoryOSRecall, MemoryOSSession, memory_tools

from ..agents import UNAVAILABLE, check_outage, stored
from .fake_model import FakeModel, calls, says
from .runs import OtherHistory, agent_of, run, scope

pytestmark = [pytest.mark.anyio, pytest.mark.local_server]


async def test_the_agent_goes_on_without_memories_while_the_service_is_down(
    client_without_service, caplog
):
    memory = client_without_service
    model = FakeModel(calls("search_memories", query="tea"), says("I can't look it up."))
    history = SQLiteSession("one")
    with caplog.at_level(logging.WARNING, "memoryos.integrations"):
        result = await run(
            agent_of(model, tools=memory_tools(memory, scope)),
            "What do I like?",
            recall=MemoryOSRecall(memory, scope, deadline=60),
            session=MemoryOSSession(history, memory, scope),
        )
    assert result.final_output == "I can't look it up."
    assert model.texts() == [("user", UNAVAILABLE), ("user", "What do I like?")]
    assert model.tool_outputs() == [UNAVAILABLE]
    assert len(await history.get_items()) == 4
    check_outage(caplog)


async def test_a_silent_service_holds_up_no_run(client_of_a_silent_service, monkeypatch):
    """Neither the tools nor the session wait longer than their deadline."""
    monkeypatch.setattr(_agent_memory, "WRITE_DEADLINE", 0.1)
    memory, model = client_of_a_silent_service, FakeModel(calls("remember", content="tea"))
    session = MemoryOSSession(SQLiteSession("one"), memory, scope)
    await run(agent_of(model, tools=memory_tools(memory, scope)), "I like tea", session=session)
    assert model.tool_outputs() == [UNAVAILABLE]


@pytest.mark.parametrize("text", [" \u200b", "\ud800?", "word " * 300_000])
async def test_no_message_of_a_user_stops_the_agent(client, memory, text):
    """Empty, not valid Unicode, or larger than the service takes: the answer is remembered."""
    model = FakeModel(calls("search_memories", query="tea"), says("Hi."))
    await run(
        agent_of(model, tools=memory_tools(client, scope)),
        text,
        recall=MemoryOSRecall(client, scope, deadline=60),
        session=MemoryOSSession(OtherHistory(), client, scope),
    )
    assert stored(memory, "alice")[0] == "Assistant: Hi."
