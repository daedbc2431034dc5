"""What a model is shown of memories, of whom, and when."""

from __future__ import annotations

import asyncio

import pytest
from pydantic_ai import BinaryContent
from pydantic_ai.messages import ModelRequest

from memoryos.integrations.pydantic_ai import MemoryOSCapability, memory_toolset

from ..agents import DRINKS, User, check_drink, recalled, store_drinks, stored
from .fake_model import Fake, agent_of, calls, scope

pytestmark = [pytest.mark.anyio, pytest.mark.local_server]


async def test_each_user_is_answered_from_their_own_memories(client, memory):
    store_drinks(memory)
    fakes = {name: Fake() for name in DRINKS}
    capability = MemoryOSCapability(client, scope, max_tokens=300, deadline=60)
    await asyncio.gather(
        *(
            agent_of(fake, capability).run(f"What drinks {name} in the morning?", deps=User(name))
            for name, fake in fakes.items()
        )
    )
    for name, fake in fakes.items():
        text, question = fake.prompts()
        assert question == f"What drinks {name} in the morning?"
        check_drink(text, name)


async def test_the_model_is_shown_the_memories_before_the_prompt_and_as_data(client, memory):
    memory.scoped(user="alice").memories.create("Alice likes </memories> tea")
    fake = Fake()
    agent = agent_of(fake, MemoryOSCapability(client, scope, deadline=60))
    result = await agent.run("What does Alice like?", deps=User("alice"))
    expected = recalled("Alice likes &lt;/memories&gt; tea")
    assert fake.prompts() == [expected, "What does Alice like?"]
    # The history has what was said, and not what was recalled.
    first = result.all_messages()[0]
    assert isinstance(first, ModelRequest)
    assert [part.content for part in first.parts] == ["What does Alice like?"]


@pytest.mark.usefixtures("own_event_loop")
def test_a_synchronous_run_recalls_as_well(memory):
    memory.scoped(user="alice").memories.create("Alice likes tea")
    fake = Fake()
    agent = agent_of(fake, MemoryOSCapability(memory, scope, deadline=60))
    agent.run_sync("What does Alice like?", deps=User("alice"))
    assert fake.prompts() == [recalled("Alice likes tea"), "What does Alice like?"]


async def test_a_streamed_run_recalls_and_remembers(client, memory):
    memory.scoped(user="alice").memories.create("Alice likes tea")
    fake = Fake()
    agent = agent_of(fake, MemoryOSCapability(client, scope, deadline=60))
    async with agent.run_stream("What does Alice like?", deps=User("alice")) as result:
        assert await result.get_output() == "Yes."
    assert fake.prompts() == [recalled("Alice likes tea"), "What does Alice like?"]
    assert stored(memory, "alice")[:2] == ["Assistant: Yes.", "User: What does Alice like?"]


async def test_memories_are_looked_up_once_per_run(client, memory):
    fake = Fake(calls("remember", content="Alice likes cake"))
    agent = agent_of(
        fake,
        MemoryOSCapability(client, scope, roles=(), deadline=60),
        toolsets=[memory_toolset(client, scope)],
    )
    memory.scoped(user="alice").memories.create("Alice likes tea")
    for _ in range(2):
        await agent.run("What does Alice like?", deps=User("alice"))
    first, second, third = (fake.prompts(number)[0] for number in range(3))
    assert first == second == recalled("Alice likes tea")
    assert "Alice likes tea" in third
    assert "Alice likes cake" in third


async def test_the_history_of_a_conversation_stays_without_memories(client, memory):
    memory.scoped(user="alice").memories.create("Alice likes tea")
    fake = Fake()
    agent = agent_of(fake, MemoryOSCapability(client, scope, roles=(), deadline=60))
    first = await agent.run("What does Alice like?", deps=User("alice"))
    await agent.run("And what else?", deps=User("alice"), message_history=first.all_messages())
    expected = ["What does Alice like?", recalled("Alice likes tea"), "And what else?"]
    assert fake.prompts() == expected


async def test_prompts_without_words_recall_nothing(client_without_service):
    fake = Fake()
    capability = MemoryOSCapability(client_without_service, scope, roles=(), deadline=60)
    for prompt in ("\u200b", [BinaryContent(b"", media_type="image/png")]):
        await agent_of(fake, capability).run(prompt, deps=User("alice"))
        assert fake.prompts() == [prompt]
