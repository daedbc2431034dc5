"""What a session remembers, of whom, and when; its history stays elsewhere."""

from __future__ import annotations

from contextlib import suppress

import pytest
from agents import Runner, SQLiteSession
from agents.memory import Session

from memoryos.integrations.openai_agents import MemoryOSRecall, MemoryOSSession

from ..agents import User, stored
from .fake_model import FakeModel, says
from .runs import NO_TRACES, OtherHistory, agent_of, run, scope

pytestmark = [pytest.mark.anyio, pytest.mark.local_server]


async def test_a_session_remembers_for_later_sessions_of_the_same_user(client):
    recall = MemoryOSRecall(client, scope, deadline=60)
    model = FakeModel(says("Noted."))
    agent = agent_of(model)

    async def say(name, session_id, text):
        history = SQLiteSession(session_id)
        session = MemoryOSSession(history, client, scope)
        assert isinstance(session, Session)
        await run(agent, text, name, recall, session)
        return await history.get_items()

    kept = await say("alice", "one", "I like tea")
    assert [item["role"] for item in kept] == ["user", "assistant"]
    await say("bob", "two", "What do I like?")
    assert model.texts() == [("user", "What do I like?")]
    await say("alice", "three", "Do I like tea?")
    [(_, text), _] = model.texts()
    assert "User: I like tea" in text
    assert "Assistant: Noted." in text


async def test_what_was_said_in_a_session_is_stored_once_and_with_its_session(client, memory):
    session = MemoryOSSession(SQLiteSession("one"), client, {"user": "alice"})
    message = {"role": "user", "content": [{"type": "input_text", "text": "I like tea"}]}
    call = {"type": "function_call", "name": "f", "arguments": "{}", "call_id": "c"}
    part = {"type": "output_text", "text": "Noted.", "annotations": []}
    answer = {"role": "assistant", "type": "message", "content": [part]}
    for _ in range(2):
        await session.add_items([message])
        await session.add_items([answer, call])
    assert await session.get_items() == [message, answer, call] * 2
    assert await session.get_items(limit=1) == [call]
    assert await session.pop_item() == call
    await session.clear_session()
    assert await session.get_items() == []
    [answered, asked] = memory.scoped(user="alice").memories.list()["data"]
    assert answered["content"] == "Assistant: Noted."
    assert asked["content"] == "User: I like tea"
    assert asked["metadata"]["session"] == "one"
    assert asked["metadata"]["role"] == "user"


async def test_a_session_remembers_only_the_roles_that_it_is_told_to(client, memory):
    session = MemoryOSSession(
        SQLiteSession("one"), client, {"user": "alice"}, roles=["user"], tier="medium"
    )
    await run(agent_of(FakeModel(says("Noted."))), "I like tea", session=session)
    [kept] = memory.scoped(user="alice").memories.list()["data"]
    assert (kept["content"], kept["tier"]) == ("User: I like tea", "medium")


class BrokenModel(FakeModel):
    """A model that can't be reached."""

    async def get_response(self, *arguments, **named):
        raise ConnectionError


async def test_what_one_user_asked_is_not_remembered_for_the_next_one_of_the_session(
    client, memory
):
    """Though it was not answered."""
    session = MemoryOSSession(SQLiteSession("shared"), client, scope)
    for name, model in (("alice", BrokenModel()), ("bob", FakeModel())):
        with suppress(ConnectionError):
            await run(agent_of(model), f"I am {name}", name, session=session)
    assert stored(memory, "bob") == ["Assistant: Yes.", "User: I am bob"]


async def test_a_history_gets_the_context_of_the_run_and_keeps_its_other_methods(client):
    history, user = OtherHistory(), User("alice")
    session = MemoryOSSession(history, client, scope)
    await Runner.run(
        agent_of(FakeModel()), "I like tea", context=user, session=session, run_config=NO_TRACES
    )
    assert {wrapper.context for wrapper in history.contexts} == {user}
    assert await session.run_compaction() == "compacted"
    assert not hasattr(MemoryOSSession(SQLiteSession("x"), client, scope), "run_compaction")
