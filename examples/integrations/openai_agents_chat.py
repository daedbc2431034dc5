"""An agent of the OpenAI Agents SDK that remembers its users.

    python examples/integrations/openai_agents_chat.py

Without OPENAI_API_KEY, a stand-in for a model repeats what it was shown.
"""

from __future__ import annotations

import asyncio
import os
from typing import Any

from agents import Agent, Model, ModelResponse, RunConfig, Runner, SQLiteSession, Usage
from openai.types.responses import ResponseOutputMessage

from memoryos import AsyncMemoryOS
from memoryos.integrations.openai_agents import (
    MEMORY_INSTRUCTIONS,
    MemoryOSRecall,
    MemoryOSSession,
    memory_tools,
)


class Repeating(Model):
    """Repeats the texts of the user role that it was shown."""

    async def get_response(self, *_arguments: Any, **given: Any) -> Any:
        texts = [item["content"] for item in given["input"] if item.get("role") == "user"]
        part = {"type": "output_text", "text": f"I was shown: {texts}", "annotations": []}
        message = {"id": "m", "type": "message", "role": "assistant", "status": "completed"}
        output = [ResponseOutputMessage.model_validate({**message, "content": [part]})]
        return ModelResponse(output=output, usage=Usage(), response_id=None)

    def stream_response(self, *_arguments: Any, **_options: Any) -> Any:
        raise NotImplementedError("Model declares it; this example streams nothing")


async def main() -> None:
    async with AsyncMemoryOS.local(":memory:") as memory:
        agent: Agent[Any] = Agent(
            name="Assistant",
            instructions=f"You help people who travel. {MEMORY_INSTRUCTIONS}",
            tools=list(memory_tools(memory, dict)),  # the context of a run is its scope here
            model=None if os.environ.get("OPENAI_API_KEY") else Repeating(),
        )
        recall = MemoryOSRecall(memory, dict, deadline=30)
        config = RunConfig(call_model_input_filter=recall, tracing_disabled=True)
        for number, text in enumerate(("I am {}.", "Who am I?")):
            for name in ("alice", "bob"):
                user, history = {"user": name}, SQLiteSession(f"{name}-{number}")
                session = MemoryOSSession(history, memory, user, roles=["user"])
                options: Any = {"context": user, "session": session, "run_config": config}
                result = await Runner.run(agent, text.format(name), **options)
                print(f"{name}: {result.final_output}")


if __name__ == "__main__":
    asyncio.run(main())
