"""An agent of Pydantic AI that remembers its users.

    python examples/integrations/pydantic_ai_chat.py

Runs without a key: a stand-in for a model repeats what it was shown. With MODEL=…, such as
`openai:gpt-4o-mini`, and its key, a real model answers.
"""

from __future__ import annotations

import asyncio
import os
from dataclasses import dataclass
from typing import Any

from pydantic_ai import Agent, RunContext
from pydantic_ai.messages import ModelMessage, ModelResponse, TextPart, UserPromptPart
from pydantic_ai.models.function import FunctionModel

from memoryos import AsyncMemoryOS
from memoryos.integrations.pydantic_ai import MemoryOSCapability, memory_toolset


@dataclass
class User:
    """Who is logged in."""

    name: str


def scope(ctx: RunContext[User]) -> dict[str, str]:
    return {"user": ctx.deps.name}


def repeat(messages: list[ModelMessage], _info: Any) -> ModelResponse:
    """Repeat the texts of the user role."""
    parts = [part for message in messages for part in message.parts]
    texts = [part.content for part in parts if isinstance(part, UserPromptPart)]
    return ModelResponse([TextPart(f"I was shown: {texts}")])


async def main() -> None:
    async with AsyncMemoryOS.local(":memory:") as memory:
        agent = Agent(
            os.environ.get("MODEL") or FunctionModel(repeat),
            deps_type=User,
            instructions="You help people who travel.",
            capabilities=[MemoryOSCapability(memory, scope, roles=["user"], deadline=30)],
            toolsets=[memory_toolset(memory, scope)],
        )
        for text in ("I am {}.", "Who am I?"):
            for name in ("alice", "bob"):
                result = await agent.run(text.format(name), deps=User(name))
                print(f"{name}: {result.output}")


if __name__ == "__main__":
    asyncio.run(main())
