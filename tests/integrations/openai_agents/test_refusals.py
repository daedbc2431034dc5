"""Without a scope or a client nothing is made, and nothing runs."""

from __future__ import annotations

from functools import partial

import pytest
from agents import Runner, SQLiteSession

from memoryos import ValidationError
from memoryos.integrations.openai_agents import MemoryOSRecall, MemoryOSSession, memory_tools

from ..agents import check_refusals
from .fake_model import FakeModel, calls
from .runs import NO_TRACES, agent_of, config, scope

pytestmark = [pytest.mark.anyio, pytest.mark.local_server]


@pytest.mark.parametrize("roles", ["user", ["users"], None])
def test_only_known_roles_can_be_remembered(memory, roles):
    with pytest.raises(ValidationError, match="roles must be a subset of"):
        MemoryOSSession(SQLiteSession("one"), memory, scope, roles=roles)


def test_without_a_scope_or_a_client_nothing_is_made(memory):
    session = partial(MemoryOSSession, SQLiteSession("one"))
    check_refusals(memory, memory_tools, MemoryOSRecall, session)


@pytest.mark.parametrize("wrong", [None, {}, {"user": ""}])
async def test_a_run_without_a_scope_fails(client, wrong):
    model = FakeModel(calls("search_memories", query="tea"))
    tools = memory_tools(client, lambda user: wrong)
    recall = MemoryOSRecall(client, lambda user: wrong)
    session = MemoryOSSession(SQLiteSession("one"), client, lambda user: wrong)
    for agent, options in (
        (agent_of(model, tools=tools), {"run_config": NO_TRACES}),
        (agent_of(model), {"run_config": config(recall)}),
        (agent_of(model), {"session": session, "run_config": NO_TRACES}),
    ):
        with pytest.raises(Exception, match="user") as caught:
            await Runner.run(agent, "What do I like?", **options)
        errors = [caught.value, caught.value.__cause__, caught.value.__context__]
        assert any(isinstance(error, ValidationError) for error in errors)
