"""What the tools do, for whom, and what the model is told."""

from __future__ import annotations

import pytest
from pydantic_ai import Agent
from pydantic_ai.models.test import TestModel

from memoryos.integrations.pydantic_ai import MEMORY_INSTRUCTIONS, memory_toolset

from ..agents import User, check_tools
from .fake_model import Fake, agent_of, calls, scope

pytestmark = [pytest.mark.anyio, pytest.mark.local_server]


async def test_the_tools_work_on_the_memories_of_the_user_who_runs_the_agent(client):
    toolset = memory_toolset(client, scope)

    async def ask(user, tool, **arguments):
        fake = Fake(calls(tool, **arguments))
        await agent_of(fake, toolsets=[toolset]).run("Do it", deps=User(user))
        return fake.tool_outputs()[-1]

    await check_tools(ask)
    assert "memory_id" in await ask("alice", "forget", memory_id="tea")


@pytest.mark.usefixtures("own_event_loop")
def test_models_see_what_the_tools_do_and_not_the_scope(memory):
    model = TestModel(call_tools=[])
    agent = Agent(model, toolsets=[memory_toolset(memory, {"user": "alice"})])
    agent.run_sync("Hello")
    parameters = model.last_model_request_parameters
    tools = parameters.function_tools
    assert [tool.name for tool in tools] == ["search_memories", "remember", "forget"]
    assert all(tool.description for tool in tools)
    properties = [tool.parameters_json_schema["properties"] for tool in tools]
    assert [list(each) for each in properties] == [["query"], ["content"], ["memory_id"]]
    assert all(next(iter(each.values()))["description"] for each in properties)
    instructions = [part.content for part in parameters.instruction_parts or ()]
    assert instructions == [MEMORY_INSTRUCTIONS]
