"""A model for tests: it says what it is told to, and keeps what it is shown; and its agents."""

from __future__ import annotations

from pydantic_ai import Agent
from pydantic_ai.messages import (
    ModelResponse,
    TextPart,
    ToolCallPart,
    ToolReturnPart,
    UserPromptPart,
)
from pydantic_ai.models.function import FunctionModel

from ..agents import User


def calls(name, **arguments):
    return ToolCallPart(name, arguments)


class Fake:
    """A model that gives its parts one after the other, then `Yes.`, and keeps what it is shown."""

    def __init__(self, *parts):
        self.parts = list(parts)
        self.requests = []
        self.model = FunctionModel(self._answer, stream_function=self._stream)

    def _next(self, messages):
        self.requests.append(messages)
        return self.parts.pop(0) if self.parts else TextPart("Yes.")

    def _answer(self, messages, info):
        return ModelResponse([self._next(messages)])

    async def _stream(self, messages, info):
        yield self._next(messages).content

    def prompts(self, request=-1):
        """Return the texts of the user role in a request."""
        return self._contents(request, UserPromptPart)

    def tool_outputs(self):
        """Return what the tools answered, as the model saw it in its last request."""
        return self._contents(-1, ToolReturnPart)

    def _contents(self, request, kind):
        parts = [part for message in self.requests[request] for part in message.parts]
        return [part.content for part in parts if isinstance(part, kind)]


def scope(ctx):
    return {"user": ctx.deps.name}


def agent_of(fake, *capabilities, **options):
    return Agent(fake.model, deps_type=User, capabilities=capabilities, **options)
