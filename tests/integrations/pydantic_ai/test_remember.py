"""What is remembered of a run, of whom, and when."""

from __future__ import annotations

import pytest
from pydantic_ai import Agent, BinaryContent
from pydantic_ai.models.function import FunctionModel
from pydantic_ai.models.test import TestModel

from memoryos.integrations.pydantic_ai import MemoryOSCapability

from ..agents import User, stored
from .fake_model import Fake, agent_of, scope

pytestmark = [pytest.mark.anyio, pytest.mark.local_server]


async def test_the_prompt_and_the_answer_are_remembered_once_the_run_has_succeeded(client, memory):
    agent = agent_of(Fake(), MemoryOSCapability(client, scope, deadline=60))
    for _ in range(2):
        await agent.run(
            ["I like tea", BinaryContent(b"", media_type="image/png")],
            deps=User("alice"),
            conversation_id="one",
        )
    assert stored(memory, "alice") == ["Assistant: Yes.", "User: I like tea"]
    assert stored(memory, "bob") == []
    page = memory.scoped(user="alice").memories.list()
    assert {each["metadata"]["session"] for each in page["data"]} == {"one"}


async def test_a_run_that_fails_is_not_remembered(client, memory):
    def fail(messages, info):
        raise RuntimeError("The model is down")

    capability = MemoryOSCapability(client, scope, deadline=60)
    agent = Agent(FunctionModel(fail), deps_type=User, capabilities=[capability])
    with pytest.raises(RuntimeError, match="The model is down"):
        await agent.run("I like tea", deps=User("alice"))
    assert stored(memory, "alice") == []


async def test_only_the_chosen_roles_are_remembered_and_of_answers_only_texts(client, memory):
    capability = MemoryOSCapability(client, scope, roles=["assistant"], tier="medium", deadline=60)
    await agent_of(Fake(), capability).run("I like tea", deps=User("alice"))
    [kept] = memory.scoped(user="alice").memories.list()["data"]
    assert (kept["content"], kept["tier"]) == ("Assistant: Yes.", "medium")
    agent = Agent(TestModel(), output_type=int, capabilities=[capability], deps_type=User)
    await agent.run("How many?", deps=User("alice"))
    assert len(stored(memory, "alice")) == 1
