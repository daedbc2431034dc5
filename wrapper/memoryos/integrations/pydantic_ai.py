"""Memory OS for Pydantic AI: a capability that recalls and remembers, and a toolset.

It needs the extra `pydantic-ai`. A scope is a mapping, or a function of the `RunContext`.

Examples:
    >>> def scope(ctx: RunContext[User]) -> dict[str, str]:
    ...     return {"user": ctx.deps.id}
    >>> agent = Agent(
    ...     "openai:gpt-4o-mini",
    ...     deps_type=User,
    ...     capabilities=[MemoryOSCapability(memory, scope)],
    ...     toolsets=[memory_toolset(memory, scope)],
    ... )
    >>> result = await agent.run("Which seat would I like?", deps=user)
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Collection, List, NamedTuple, Optional, Sequence, Union

from memoryos._extras import missing_extra

from ._agent_memory import (
    MEMORY_INSTRUCTIONS,
    ROLES,
    checked_roles,
    memory_functions,
    recall,
    remember_messages,
    text_of,
)
from ._clients import check_client
from ._scopes import Scope, checked, resolve

try:
    from pydantic_ai import FunctionToolset, RunContext
    from pydantic_ai.capabilities import AbstractCapability
    from pydantic_ai.messages import ModelRequest, UserPromptPart
    from pydantic_ai.tools import AgentDepsT
except ImportError as error:
    raise missing_extra("pydantic-ai", "memoryos.integrations.pydantic_ai", error) from error

if TYPE_CHECKING:
    from pydantic_ai.messages import ModelMessage, UserContent
    from pydantic_ai.models import ModelRequestContext
    from pydantic_ai.run import AgentRunResult
    from typing_extensions import Self

    from memoryos.types import Tier

    from ._clients import Client

__all__ = ["MEMORY_INSTRUCTIONS", "MemoryOSCapability", "memory_toolset"]


@dataclass
class MemoryOSCapability(AbstractCapability[AgentDepsT]):
    """Shows the model what is remembered for the user's prompt, and remembers what is said.

    The memories are a part of the user role before the prompt, marked as data. They are looked up
    once per run, and don't become part of the message history. The prompt and the answer are stored
    once the run has succeeded. While the service can't be reached, runs go on: the model is told
    that the memories are unavailable.

    Args:
        client: A client of Memory OS; a synchronous one is called in threads.
        scope: Whose memories they are.
        max_tokens: The maximum number of tokens of the recalled memories.
        deadline: The maximum duration of a recall in seconds, with all attempts.
        roles: Whose messages are remembered: `user`, `assistant`, both or none.
        tier: How long to keep them: `short` (24 hours), `medium` or `long`.

    Raises:
        TypeError: `client` is no client.
        ValidationError: The scope is empty or invalid, or `roles` names another role. The run
            raises it if the function returns such a scope.
    """

    client: Client
    scope: Scope
    max_tokens: int = 1000
    deadline: float = 2.0
    roles: Collection[str] = ROLES
    tier: Tier = "long"
    _prompt: Optional[UserPromptPart] = field(default=None, init=False, repr=False)
    _recalled: Optional[UserPromptPart] = field(default=None, init=False, repr=False)

    def __post_init__(self) -> None:
        """Check the client, the scope and the roles."""
        check_client(self.client)
        checked(self.scope)
        checked_roles("roles", self.roles)

    @classmethod
    def get_serialization_name(cls) -> Optional[str]:
        """Return None: a client can't be written into a specification of an agent."""
        return None

    async def for_run(
        self,
        ctx: RunContext[AgentDepsT],  # noqa: ARG002 - the framework's signature
    ) -> Self:
        """Return an instance that keeps the memories of one run."""
        return replace(self)

    async def before_model_request(
        self, ctx: RunContext[AgentDepsT], request_context: ModelRequestContext
    ) -> ModelRequestContext:
        """Add the memories to the request, before the user's prompt."""
        if self._prompt is None:
            self._prompt = _last_prompt(request_context.messages)
            question = "" if self._prompt is None else _text(self._prompt.content)
            text = await recall(
                self._scoped(ctx), question, max_tokens=self.max_tokens, deadline=self.deadline
            )
            self._recalled = UserPromptPart(content=text) if text else None
        if self._prompt is not None and self._recalled is not None:
            request_context.messages = _inserted(
                request_context.messages, self._prompt, self._recalled
            )
        return request_context

    async def after_run(
        self, ctx: RunContext[AgentDepsT], *, result: AgentRunResult[Any]
    ) -> AgentRunResult[Any]:
        """Remember the prompt and the answer, if that is a text."""
        answer = result.output if isinstance(result.output, str) else ""
        said = (("user", _text(ctx.prompt or "")), ("assistant", answer))
        messages = [(role, text) for role, text in said if role in self.roles]
        session = ctx.conversation_id or ctx.run_id or ""
        await remember_messages(self._scoped(ctx), messages, session=session, tier=self.tier)
        return result

    def _scoped(self, ctx: RunContext[AgentDepsT]) -> Any:
        return self.client.scoped(**resolve(self.scope, ctx))


def memory_toolset(
    client: Client, scope: Scope, *, id: Optional[str] = None
) -> FunctionToolset[Any]:
    """Return the tools `search_memories`, `remember` and `forget`, with their instructions.

    While the service can't be reached, they answer "Long-term memory is unavailable at the moment."

    Args:
        client: A client of Memory OS; a synchronous one is called in threads.
        scope: Whose memories they are.
        id: The id of the toolset, which durable execution needs.

    Raises:
        TypeError: `client` is no client.
        ValidationError: The scope is empty or invalid. The run raises it if the function returns
            such a scope.
    """
    check_client(client)
    checked(scope)

    def scoped(ctx: RunContext[Any]) -> Any:
        return client.scoped(**resolve(scope, ctx))

    functions = memory_functions(scoped, RunContext[Any])
    return FunctionToolset(functions, id=id, instructions=MEMORY_INSTRUCTIONS)


def _text(content: Union[str, Sequence[UserContent]]) -> str:
    """Return the text of a prompt, which may have images and the like."""
    if isinstance(content, str):
        return content
    return text_of([getattr(part, "content", part) for part in content])


class _Prompt(NamedTuple):
    """A prompt, and its place among the messages."""

    number: int
    message: ModelRequest
    position: int
    part: UserPromptPart


def _prompts(messages: Sequence[ModelMessage]) -> List[_Prompt]:
    """Return all prompts of the user."""
    return [
        _Prompt(number, message, position, part)
        for number, message in enumerate(messages)
        if isinstance(message, ModelRequest)
        for position, part in enumerate(message.parts)
        if isinstance(part, UserPromptPart)
    ]


def _last_prompt(messages: Sequence[ModelMessage]) -> Optional[UserPromptPart]:
    prompts = _prompts(messages)
    return prompts[-1].part if prompts else None


def _inserted(
    messages: Sequence[ModelMessage], prompt: UserPromptPart, recalled: UserPromptPart
) -> List[ModelMessage]:
    """Return messages with a part before the prompt; as they are if the prompt is gone.

    The messages given may belong to the history: none is changed.
    """
    changed = list(messages)
    places = [place for place in _prompts(messages) if place.part.content == prompt.content]
    if places:
        number, message, position, _ = places[-1]
        parts = [*message.parts[:position], recalled, *message.parts[position:]]
        changed[number] = replace(message, parts=parts)
    return changed
