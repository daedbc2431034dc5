"""A Google ADK agent that remembers each of its users.

    python examples/integrations/google_adk_agent.py

Runs without a key: a stand-in for a model repeats what it was shown. With MODEL=gemini-flash-latest
and a key of Google's, a real model answers.
"""

from __future__ import annotations

import asyncio
import os
from typing import TYPE_CHECKING, Any

from google.adk.agents import LlmAgent
from google.adk.models import BaseLlm, LlmResponse
from google.adk.runners import InMemoryRunner
from google.adk.tools.preload_memory_tool import PreloadMemoryTool
from google.genai import types

from memoryos import AsyncMemoryOS
from memoryos.integrations.google_adk import MemoryOSMemoryService

if TYPE_CHECKING:
    from collections.abc import AsyncIterator


class Repeating(BaseLlm):
    """Repeats the texts that it was shown."""

    async def generate_content_async(self, llm_request: Any, **_options: Any) -> AsyncIterator[Any]:
        texts = [part.text for each in llm_request.contents for part in each.parts]
        yield LlmResponse(content=types.ModelContent(f"I was shown: {' | '.join(texts)}"))


async def remember(callback_context: Any) -> None:
    """Store the session after each answer."""
    await callback_context.add_session_to_memory()


async def main() -> None:
    async with AsyncMemoryOS.local(":memory:") as memory:
        agent = LlmAgent(
            name="clerk",
            model=os.environ.get("MODEL") or Repeating(model="repeating"),
            instruction="You help the users of a shop.",
            tools=[PreloadMemoryTool()],
            after_agent_callback=remember,
        )
        runner = InMemoryRunner(agent, app_name="shop")
        runner.memory_service = MemoryOSMemoryService(memory)
        for user in ("alice", "bob"):
            await runner.run_debug(f"I am {user}.", user_id=user, session_id="first", quiet=True)
        for user in ("alice", "bob"):
            await runner.run_debug("Who am I?", user_id=user, session_id="second")


if __name__ == "__main__":
    asyncio.run(main())
