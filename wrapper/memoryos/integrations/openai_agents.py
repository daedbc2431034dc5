"""Memory OS for the OpenAI Agents SDK: recall before the model, tools, and sessions that remember.

It needs the extra `openai-agents`. A scope is a mapping, or a function of what you pass to the
runner as `context`.

Examples:
    >>> def scope(user: User) -> dict[str, str]:
    ...     return {"user": user.id}
    >>> agent = Agent(
    ...     name="Assistant",
    ...     instructions=f"You help people who travel. {MEMORY_INSTRUCTIONS}",
    ...     tools=memory_tools(memory, scope),
    ... )
    >>> await Runner.run(
    ...     agent,
    ...     "Which seat would I like?",
    ...     context=user,
    ...     session=MemoryOSSession(SQLiteSession("trip-1", "chats.db"), memory, scope),
    ...     run_config=RunConfig(call_model_input_filter=MemoryOSRecall(memory, scope)),
    ... )
"""

from __future__ import annotations

from collections import OrderedDict
from inspect import signature
from typing import TYPE_CHECKING, Any, Collection, Dict, Hashable, List, Optional, Tuple

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
    from agents import (
        FunctionTool,
        ModelBehaviorError,
        RunContextWrapper,
        default_tool_error_function,
        function_tool,
    )
    from agents.run import ModelInputData
except ImportError as error:
    raise missing_extra("openai-agents", "memoryos.integrations.openai_agents", error) from error

if TYPE_CHECKING:
    from agents import TResponseInputItem
    from agents.memory import Session
    from agents.run import CallModelData

    from memoryos.types import Tier

    from ._clients import Client

__all__ = ["MEMORY_INSTRUCTIONS", "MemoryOSRecall", "MemoryOSSession", "memory_tools"]

_MAX_RECALLED = 1000
"""Runs whose recalled memories are kept for their further calls of the model."""


def memory_tools(client: Client, scope: Scope) -> List[FunctionTool]:
    """Return the tools `search_memories`, `remember` and `forget` for an agent.

    `MEMORY_INSTRUCTIONS` tell a model when to use them. While the service can't be reached, they
    answer "Long-term memory is unavailable at the moment."

    Args:
        client: A client of Memory OS; a synchronous one is called in threads.
        scope: Whose memories they are.

    Raises:
        TypeError: `client` is no client.
        ValidationError: The scope is empty or invalid. The run raises it if the function returns
            such a scope.
    """
    check_client(client)
    checked(scope)

    def scoped(context: RunContextWrapper[Any]) -> Any:
        return client.scoped(**resolve(scope, context.context))

    return [
        function_tool(function, failure_error_function=_error_message)
        for function in memory_functions(scoped, RunContextWrapper[Any])
    ]


def _error_message(context: RunContextWrapper[Any], error: Exception) -> str:
    """Return what the model is told of its own error; any other is for the developer."""
    if isinstance(error, ModelBehaviorError):
        return str(default_tool_error_function(context, error))
    raise error


class MemoryOSRecall:
    """Shows the model what is remembered for the user's last message: `call_model_input_filter`.

    The memories are a message of the user role before that message, marked as data. They are looked
    up once for a message, and don't become part of the history.

    Args:
        client: A client of Memory OS; a synchronous one is called in threads.
        scope: Whose memories they are.
        max_tokens: The maximum number of tokens of the memories.
        deadline: The maximum duration of a recall in seconds, with all attempts.

    Raises:
        TypeError: `client` is no client.
        ValidationError: The scope is empty or invalid. The run raises it if the function returns
            such a scope.
    """

    def __init__(
        self, client: Client, scope: Scope, *, max_tokens: int = 1000, deadline: float = 2.0
    ) -> None:
        check_client(client)
        self._client = client
        self._scope = checked(scope)
        self._max_tokens = max_tokens
        self._deadline = deadline
        self._recalled: OrderedDict[Hashable, str] = OrderedDict()

    async def __call__(self, data: CallModelData[Any]) -> ModelInputData:
        """Return the input of the model with the memories."""
        scope = resolve(self._scope, data.context)
        items = list(data.model_data.input)
        position = _last_question(items)
        if position is not None:
            text = await self._text(scope, items, position)
            if text:
                items.insert(position, {"role": "user", "content": text})
        return ModelInputData(input=items, instructions=data.model_data.instructions)

    async def _text(
        self, scope: Dict[str, str], items: List[TResponseInputItem], position: int
    ) -> str:
        """Return the text for a question: within a run always the same."""
        key = (tuple(sorted(scope.items())), hash(repr(items[: position + 1])))
        recalled = self._recalled.get(key) if _is_answering(items[position:]) else None
        if recalled is None:
            question = text_of(_fields(items[position]).get("content"))
            memory = self._client.scoped(**scope)
            recalled = await recall(
                memory, question, max_tokens=self._max_tokens, deadline=self._deadline
            )
        self._recalled[key] = recalled
        while len(self._recalled) > _MAX_RECALLED:
            self._recalled.popitem(last=False)
        return recalled


class MemoryOSSession:
    """A session that keeps its history elsewhere, and remembers what is said.

    What users and assistants say is stored as memories, for later sessions, as soon as the
    assistant has answered. An outage of Memory OS doesn't touch the history. `pop_item` and
    `clear_session` change the history only: to forget a user, call `memories.delete_all` of the
    scoped client.

    Args:
        history: The session that keeps the history, such as a `SQLiteSession`.
        client: A client of Memory OS; a synchronous one is called in threads.
        scope: Whose memories they become. A function gets None where the session is used without
            a run.
        roles: Whose messages are remembered: `user`, `assistant`, both or none.
        tier: How long to keep the memories: `short` (24 hours), `medium` or `long`.

    Raises:
        TypeError: `client` is no client.
        ValidationError: The scope is empty or invalid, or `roles` names another role. `add_items`
            raises it if the function returns such a scope.
    """

    def __init__(
        self,
        history: Session,
        client: Client,
        scope: Scope,
        *,
        roles: Collection[str] = ROLES,
        tier: Tier = "long",
    ) -> None:
        self.session_id = history.session_id
        self.session_settings = getattr(history, "session_settings", None)
        self._history = history
        check_client(client)
        self._client = client
        self._scope = checked(scope)
        self._roles = checked_roles("roles", roles)
        self._tier = tier
        self._unanswered: Dict[Hashable, List[Tuple[str, str]]] = {}

    def __getattr__(self, name: str) -> Any:
        """Return what else the history has, such as `run_compaction`."""
        if name == "_history":  # while a copy is being made
            raise AttributeError(name)
        return getattr(self._history, name)

    async def get_items(
        self, limit: Optional[int] = None, *, wrapper: Optional[RunContextWrapper[Any]] = None
    ) -> List[TResponseInputItem]:
        """Return the latest items of the history, in the order in which they were added."""
        items: List[TResponseInputItem] = await _call(
            self._history.get_items, limit, wrapper=wrapper
        )
        return items

    async def add_items(
        self,
        items: List[TResponseInputItem],
        *,
        wrapper: Optional[RunContextWrapper[Any]] = None,
    ) -> None:
        """Add items to the history, and remember the messages when they are answered."""
        scope = resolve(self._scope, None if wrapper is None else wrapper.context)
        await _call(self._history.add_items, items, wrapper=wrapper)
        # The runner adds a question before it asks the model, which would be shown its own question
        # as a memory. What one user asks is not remembered for another one of the same session.
        key = tuple(sorted(scope.items()))
        said = self._unanswered.setdefault(key, [])
        said += map(_message, items)
        if all(role != "assistant" for role, _ in said):
            return
        del self._unanswered[key]
        messages = [(role, text) for role, text in said if role in self._roles]
        memory = self._client.scoped(**scope)
        await remember_messages(memory, messages, session=self.session_id, tier=self._tier)

    async def pop_item(
        self, *, wrapper: Optional[RunContextWrapper[Any]] = None
    ) -> Optional[TResponseInputItem]:
        """Remove the last item of the history, and return it."""
        item: Optional[TResponseInputItem] = await _call(self._history.pop_item, wrapper=wrapper)
        return item

    async def clear_session(self, *, wrapper: Optional[RunContextWrapper[Any]] = None) -> None:
        """Remove all items of the history."""
        await _call(self._history.clear_session, wrapper=wrapper)


async def _call(
    method: Any, *arguments: Any, wrapper: Optional[RunContextWrapper[Any]] = None
) -> Any:
    """Call a method of the history, which may take the context of the run or not."""
    if wrapper is not None and "wrapper" in signature(method).parameters:
        return await method(*arguments, wrapper=wrapper)
    return await method(*arguments)


def _fields(item: TResponseInputItem) -> Dict[str, Any]:
    return dict(item)


def _message(item: TResponseInputItem) -> Tuple[str, str]:
    """Return the role and the text of an item; no role if it is no message."""
    fields = _fields(item)
    return str(fields.get("role", "")), text_of(fields.get("content"))


def _last_question(items: List[TResponseInputItem]) -> Optional[int]:
    """Return the position of the user's last message."""
    positions = (index for index, item in enumerate(items) if _fields(item).get("role") == "user")
    return max(positions, default=None)


def _is_answering(items: List[TResponseInputItem]) -> bool:
    """Return whether the model has begun to answer: a question is followed by what it said."""
    fields = [_fields(item) for item in items]
    return any(
        item.get("role") == "assistant" or item.get("type", "message") != "message"
        for item in fields
    )
