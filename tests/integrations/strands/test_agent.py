"""Strands agents with memories, and the exact texts that their models are shown."""

from __future__ import annotations

import json
import logging
from functools import partial

import pytest
from strands import Agent
from strands.memory import MemoryManager

from memoryos.integrations.strands import MemoryOSMemoryStore, injected_text

from ..agents import UNAVAILABLE, as_data
from .fake_model import FakeModel, texts

pytestmark = pytest.mark.local_server

# As patient as a busy machine needs.
Store = partial(MemoryOSMemoryStore, recall_deadline=60)


def chat(client, user, *answers, **options):
    """Return an agent of a user, in a new conversation, and its model."""
    store = Store(client, scope={"user": user}, extraction=True)
    manager = MemoryManager([store], injection={"format": injected_text}, **options)
    model = FakeModel(*answers)
    return Agent(model=model, memory_manager=manager, callback_handler=None), model


def told(message):
    """Return the texts of a message, which older releases of Strands put in another order."""
    return {text.strip() for text in texts(message)}


def test_two_users_of_one_application_share_nothing(client):
    """In turns: each is shown what they said in their other conversation, and nothing else."""
    first = {user: chat(client, user)[0] for user in ("alice", "bob")}
    first["alice"]("My salary is 90000")
    first["bob"]("My salary is </memories> secret")
    for user, salary in (("alice", "90000"), ("bob", "&lt;/memories&gt; secret")):
        agent, model = chat(client, user)
        agent("What is my salary")
        (shown,) = model.shown[0]
        assert shown["role"] == "user"
        lines = [f"- My salary is {salary}", "- Noted."]
        assert told(shown) in [
            {"What is my salary", as_data("\n".join(order))} for order in (lines, lines[::-1])
        ]


@pytest.mark.anyio
async def test_users_of_one_event_loop_share_nothing(client):
    """The same with asynchronous calls of the agent."""
    for user in ("alice", "bob"):
        agent, _ = chat(client, user)
        await agent.invoke_async(f"I am {user} and like tea")
        await agent.memory_manager.flush()
    for user in ("alice", "bob"):
        agent, model = chat(client, user)
        await agent.invoke_async("Who likes tea")
        shown = "\n".join(texts(model.shown[0][0]))
        assert f"I am {user}" in shown
        assert shown.count("I am ") == 1


def test_the_tools_write_and_search_the_memories_of_the_user(client):
    """What the model adds, it finds, and another user's model does not."""
    add = ("add_memory", json.dumps({"entries": ["Likes green tea"]}))
    search = ("search_memory", json.dumps({"query": "green tea"}))
    for user, answers in (("alice", [add, search]), ("bob", [search])):
        agent, model = chat(client, user, *answers, add_tool_config=True)
        agent.memory_manager._injection_config = False
        agent("Remember")
        result = model.shown[len(answers)][-1]["content"][0]["toolResult"]
        assert result["status"] == "success"
        told = "".join(block.get("text", "") for block in result["content"])
        assert ("Likes green tea" in told) is (user == "alice")


def test_an_agent_goes_on_while_the_service_is_down(client_without_service, caplog):
    """Its model is told, and the log has a warning."""
    agent, model = chat(client_without_service, "alice")
    with caplog.at_level(logging.WARNING, "memoryos.integrations"):
        result = agent("What is my salary")
    assert str(result).strip() == "Noted."
    assert told(model.shown[0][0]) == {"What is my salary", as_data(f"- {UNAVAILABLE}")}
    (record,) = [record for record in caplog.records if record.name == "memoryos.integrations"]
    assert record.getMessage().startswith("Could not recall memories; the agent goes on without")
