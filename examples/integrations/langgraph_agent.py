"""An agent of LangChain that remembers each of its users.

The model is a fake, unless MODEL names a real one, such as openai:gpt-5-mini, whose package is
installed. Memories are kept inside the process, unless MEMORY_OS_API_KEY names an account.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import Any

from langchain.agents import create_agent
from langchain.chat_models import BaseChatModel, init_chat_model
from langchain_core.messages import AIMessage, BaseMessage
from langchain_core.outputs import ChatGeneration, ChatResult

from memoryos import MemoryOS
from memoryos.integrations.langchain import MemoryOSMiddleware


@dataclass
class Context:
    """Who uses the agent: take it from the login, never from a message."""

    user_id: str


class FakeModel(BaseChatModel):  # type: ignore[misc, unused-ignore]
    """Answers with what it was shown before the question."""

    _llm_type = "fake"

    def _generate(self, messages: list[BaseMessage], *_: Any, **__: Any) -> ChatResult:
        known = messages[-2].text if len(messages) > 1 else "I don't know you yet."
        return ChatResult(generations=[ChatGeneration(message=AIMessage(known))])


def main() -> None:
    """Let two users talk to one agent."""
    name = os.environ.get("MODEL")
    is_remote = "MEMORY_OS_API_KEY" in os.environ
    with MemoryOS() if is_remote else MemoryOS.local(":memory:", embedder="hashing") as memory:
        middleware = MemoryOSMiddleware(
            memory, scope=lambda run: {"user": run.context.user_id}, remember=["user"]
        )
        model = init_chat_model(name) if name else FakeModel()
        agent = create_agent(model, context_schema=Context, middleware=[middleware])
        for text in ("I drink {}", "What do I drink?"):
            for user, drink in (("alice", "green tea"), ("bob", "black coffee")):
                asked = {"role": "user", "content": text.format(drink)}
                state = agent.invoke({"messages": [asked]}, context=Context(user))
                print(f"{user}: {asked['content']}\nagent: {state['messages'][-1].text}\n")


if __name__ == "__main__":
    main()
