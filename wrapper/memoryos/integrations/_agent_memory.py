"""What the integrations of agents do with the memories of one scope: recall, remember, tools."""

from __future__ import annotations

from functools import wraps
from hashlib import sha256
from typing import Any, Awaitable, Callable, Collection, Dict, FrozenSet, Iterable, List, Tuple

from memoryos._protocol.argument_errors import invalid_argument, shown
from memoryos.exceptions import NotFoundError, ValidationError

from ._clients import WRITE_DEADLINE, call
from ._recalled import recalled_text
from ._texts import encodable, has_text, searchable
from ._unavailable import OUTAGES, unavailable, without_too_large

__all__ = ["MEMORY_INSTRUCTIONS", "ROLES", "checked_roles", "memory_functions", "recall"]
__all__ += ["remember_messages", "text_of"]

MEMORY_INSTRUCTIONS = (
    "You have a long-term memory of the user. Search it before you say that you don't know "
    "something about them. Remember what will matter in later conversations: facts, preferences "
    "and decisions, each as one sentence that can be understood alone. Forget what they ask you to "
    "forget."
)
"""For an agent's instructions, beside the tools."""

ROLES = ("user", "assistant")
"""Whose messages are remembered."""

_MAX_QUERY = 8000
"""Characters of a question that a search is made with: the last ones."""
_NOTHING = "Nothing is remembered about this."


def checked_roles(argument: str, roles: Any) -> FrozenSet[str]:
    """Return the roles whose messages are to be remembered.

    Args:
        argument: How the integration calls them.
        roles: `user`, `assistant`, both or none, in a list or the like.

    Raises:
        ValidationError: It is something else.
    """
    if isinstance(roles, str) or not isinstance(roles, Collection) or not set(roles) <= set(ROLES):
        raise invalid_argument(argument, shown(roles), f"must be a subset of {ROLES}")
    return frozenset(roles)


async def recall(memory: Any, question: str, *, max_tokens: int, deadline: float) -> str:
    """Return what is remembered for a question, as text for the user role.

    Args:
        memory: A scoped client.
        question: What the user said.
        max_tokens: The maximum number of tokens of the memories.
        deadline: The maximum duration in seconds, with all attempts: a user waits.

    Returns:
        The memories as data; an empty text if there are none; a sentence that says so if the
        service can't be reached.
    """
    query = _query_of(question)
    if not query:
        return ""
    try:
        context = await call(
            memory.with_options(deadline=deadline).get_context,
            query=query,
            max_tokens=max_tokens,
        )
    except OUTAGES as error:
        return unavailable("recall memories", error)
    return recalled_text(context)


async def remember_messages(
    memory: Any, messages: Iterable[Tuple[str, str]], *, session: str, tier: str
) -> None:
    """Store messages of a conversation, each as one memory.

    What was said before in the same session is not stored again, so that a repeated run makes no
    doubles. A message that is too large is left out.

    Args:
        memory: A scoped client.
        messages: Pairs of a role and a text.
        session: The id of the conversation.
        tier: How long to keep them: `short`, `medium` or `long`.
    """
    upsert = memory.with_options(deadline=WRITE_DEADLINE).memories.upsert
    try:
        for role, text in messages:
            if has_text(text):
                with without_too_large("remember a message"):
                    await call(upsert, **_message(role, encodable(text), session, tier))
    except OUTAGES as error:
        unavailable("remember the conversation", error)


def text_of(content: Any) -> str:
    """Return the text of a message's content, which is a string or a list of parts.

    A part is a string, or has the key `text`. Images and files have no text.
    """
    if isinstance(content, str):
        return content
    parts = content if isinstance(content, (list, tuple)) else ()
    texts = (part.get("text") if isinstance(part, dict) else part for part in parts)
    return "\n".join(text for text in texts if isinstance(text, str))


def memory_functions(
    scoped: Callable[[Any], Any], context_type: Any
) -> List[Callable[..., Awaitable[str]]]:
    """Return the tools of an agent as functions, of which frameworks make tools.

    Args:
        scoped: Returns the scoped client of a run, given its context.
        context_type: The annotation by which the framework knows the parameter `context`.
    """

    async def search_memories(_memory: Any, query: str) -> str:
        """Search what you remember of the user from earlier conversations. Returns texts and ids.

        Args:
            query: What to look for, in natural language.
        """
        # No threshold: similarities of good results differ between embedders, and the model sees
        # for itself what answers the question.
        found = await call(_memory.search, _query_of(query), threshold=0.0, limit=10)
        texts = [f"{result['content']} (id: {result['id']})" for result in found["results"]]
        return recalled_text([{"content": text} for text in texts]) or _NOTHING

    async def remember(_memory: Any, content: str) -> str:
        """Remember something about the user for later conversations.

        Args:
            content: One fact, preference or decision, as a sentence that can be understood alone.
        """
        created = await call(_memory.memories.create, encodable(content), tier="long")
        return f"Remembered (id: {created['id']})."

    async def forget(_memory: Any, memory_id: str) -> str:
        """Forget a memory for good. Search for it first, to get its id.

        Args:
            memory_id: The id of the memory.
        """
        await call(_memory.memories.delete, memory_id)
        return "Forgotten."

    functions = (search_memories, remember, forget)
    return [_tool(function, scoped, context_type) for function in functions]


def _tool(
    function: Callable[..., Awaitable[str]], scoped: Callable[[Any], Any], context_type: Any
) -> Callable[..., Awaitable[str]]:
    """Return a function that takes the context of a run, and tells the model of its errors."""
    function.__annotations__["_memory"] = context_type

    @wraps(function)
    async def tool(context: Any, *arguments: Any, **named: Any) -> str:
        # A run without a scope is the developer's error.
        memory = scoped(context).with_options(deadline=WRITE_DEADLINE)
        try:
            return await function(memory, *arguments, **named)
        except NotFoundError:
            return "There is no memory with this id."
        except ValidationError as error:
            return error.message
        except OUTAGES as error:
            return unavailable(f"run the tool {function.__name__}", error)

    return tool


def _query_of(question: str) -> str:
    return searchable(question.strip()[-_MAX_QUERY:])


def _message(role: str, text: str, session: str, tier: str) -> Dict[str, Any]:
    """Return the arguments of `upsert` for a message: the fields are those of `add_messages`.

    It has no position, since histories are cut and summarised: the key follows from the text.
    """
    speaker = role.capitalize()
    key = sha256(f"{session}\0{role}\0{text}".encode()).hexdigest()
    return {
        "external_id": f"message:{key}",
        "content": f"{speaker}: {text}",
        "content_type": "conversation",
        "tier": tier,
        "metadata": {"session": session, "role": role, "speaker": speaker},
    }
