"""What the tools do, for whom, and what the model is told."""

from __future__ import annotations

import pytest

from memoryos.integrations.openai_agents import MEMORY_INSTRUCTIONS, memory_tools

from ..agents import check_tools
from .fake_model import FakeModel, calls, says
from .runs import agent_of, run, scope

pytestmark = [pytest.mark.anyio, pytest.mark.local_server]


async def test_the_tools_work_on_the_memories_of_the_user_who_runs_the_agent(client):
    models = {name: FakeModel() for name in ("alice", "bob")}
    tools = memory_tools(client, scope)

    async def ask(user, tool, **arguments):
        models[user].outputs = [calls(tool, **arguments)]
        await run(agent_of(models[user], tools=tools), "Do it", user)
        return models[user].tool_outputs()[-1]

    await check_tools(ask)


async def test_the_model_is_told_of_its_own_errors(client):
    model = FakeModel(calls("forget", memory_id="tea"), calls("remember"), says("Sorry"))
    await run(agent_of(model, tools=memory_tools(client, {"user": "alice"})), "Do")
    [wrong_id, no_content] = model.tool_outputs()
    assert "memory_id" in wrong_id
    assert "error" in no_content


def test_models_see_what_the_tools_do_and_not_the_scope(memory):
    tools = memory_tools(memory, {"user": "alice"})
    assert [tool.name for tool in tools] == ["search_memories", "remember", "forget"]
    assert all(tool.description for tool in tools)
    assert "memory" in MEMORY_INSTRUCTIONS
    arguments = [list(tool.params_json_schema["properties"]) for tool in tools]
    assert arguments == [["query"], ["content"], ["memory_id"]]
    for tool in tools:
        [schema] = tool.params_json_schema["properties"].values()
        assert schema["description"]


async def test_a_scope_that_fails_in_a_tool_fails_the_run(client):
    """The model is not told to try again."""
    tools = memory_tools(client, lambda user: {"user": user.unknown})
    model = FakeModel(calls("remember", content="tea"))
    with pytest.raises(Exception, match="unknown"):
        await run(agent_of(model, tools=tools), "Hi")
