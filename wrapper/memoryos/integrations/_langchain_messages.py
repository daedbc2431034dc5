"""Which messages of an agent's conversation are asked about, shown and remembered."""

from __future__ import annotations

from hashlib import sha256
from typing import Any, Collection, Dict, Iterable, List, Optional, Sequence

from langchain_core.messages import AIMessage, AnyMessage, HumanMessage

from ._texts import encodable, has_text, searchable

__all__ = ["memories_of", "query_of", "with_recalled"]


def query_of(messages: Sequence[AnyMessage]) -> str:
    """Return what to recall memories for: the user's last text, or an empty one."""
    last = _last_human(messages)
    return "" if last is None else searchable(_text_of(messages[last]))


def with_recalled(messages: Sequence[AnyMessage], text: str) -> List[AnyMessage]:
    """Return the messages for the model, with recalled memories before the user's last message.

    They are a message of the user's, not of the system's: other people's texts are no instructions.
    """
    last = _last_human(messages)
    if last is None or not text:
        return list(messages)
    return [*messages[:last], HumanMessage(text), *messages[last:]]


def memories_of(
    messages: Sequence[AnyMessage], roles: Collection[str], thread_id: Optional[str]
) -> List[Dict[str, Any]]:
    """Return the arguments of `memories.upsert` for the last turn of a conversation.

    That is what the user said and what the agent answered, without calls of tools and their
    results. A message that is remembered twice is stored once: its key is made of its id.

    Args:
        messages: The conversation.
        roles: Whose messages to remember: `user`, `assistant` or both.
        thread_id: The conversation's id, if it has one.
    """
    turn = [(message, _role_of(message)) for message in _last_turn(messages)]
    return [
        _memory_of(message, role, thread_id)
        for message, role in turn
        if role and role in roles and _text_of(message)
    ]


def _memory_of(message: AnyMessage, role: str, thread_id: Optional[str]) -> Dict[str, Any]:
    content = f"{message.name or role}: {_text_of(message)}"
    metadata = {"role": role}
    if thread_id is not None:
        metadata["session"] = thread_id
    identity = "\0".join([thread_id or "", message.id or "", content])
    digest = sha256(identity.encode("utf-8", "surrogatepass")).hexdigest()
    return {
        "content": content,
        "content_type": "conversation",
        "metadata": metadata,
        "external_id": f"langchain:{digest}",
    }


def _last_turn(messages: Sequence[AnyMessage]) -> Iterable[AnyMessage]:
    start = _last_human(messages)
    if start is None:
        return ()
    while start > 0 and isinstance(messages[start - 1], HumanMessage):
        start -= 1
    return messages[start:]


def _last_human(messages: Sequence[AnyMessage]) -> Optional[int]:
    numbers = reversed(range(len(messages)))
    return next((at for at in numbers if isinstance(messages[at], HumanMessage)), None)


def _role_of(message: AnyMessage) -> Optional[str]:
    if isinstance(message, HumanMessage):
        return "user"
    if isinstance(message, AIMessage) and not message.tool_calls:
        return "assistant"
    return None


def _text_of(message: AnyMessage) -> str:
    text = encodable(str(message.text))
    return text if has_text(text) else ""
