"""Strands agents that remember their users.

    python examples/integrations/strands_agent.py

Runs without a key: a stand-in for a model repeats what it was shown. With MODEL=…, a model of
Amazon Bedrock, and AWS credentials, a real model answers.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from strands import Agent
from strands.memory import MemoryManager
from strands.models import Model

from memoryos import MemoryOS
from memoryos.integrations.strands import MemoryOSMemoryStore, injected_text

if TYPE_CHECKING:
    from collections.abc import AsyncIterator


class Repeating(Model):
    """Repeats the texts of the last message that it was shown."""

    def update_config(self, **model_config: Any) -> None:
        """Ignore a new configuration."""

    def get_config(self) -> Any:
        return {}

    def structured_output(self, *_arguments: Any, **_options: Any) -> Any:
        raise NotImplementedError("Model declares it; this example asks for texts only")

    async def stream(self, messages: Any, *_arguments: Any, **_options: Any) -> AsyncIterator[Any]:
        texts = [block["text"].strip() for block in messages[-1]["content"] if "text" in block]
        yield {"messageStart": {"role": "assistant"}}
        yield {"contentBlockDelta": {"delta": {"text": f"I was shown: {' | '.join(texts)}\n"}}}
        yield {"contentBlockStop": {}}
        yield {"messageStop": {"stopReason": "end_turn"}}


def ask(memory: MemoryOS, user: str, question: str) -> None:
    """Answer a user in a new conversation."""
    store = MemoryOSMemoryStore(memory, scope={"user": user}, extraction=True)
    manager = MemoryManager([store], injection={"format": injected_text})
    Agent(model=os.environ.get("MODEL") or Repeating(), memory_manager=manager)(question)


def main() -> None:
    with MemoryOS.local(":memory:") as memory:
        for question in ("I am {}.", "Who am I?"):
            for user in ("alice", "bob"):
                ask(memory, user, question.format(user))


if __name__ == "__main__":
    main()
