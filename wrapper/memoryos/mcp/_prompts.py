"""The prompts: messages with memories, which a user inserts into a conversation by a command."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple, cast

from memoryos._protocol.response_fields import reading
from memoryos.prompts import _READ_AS_DATA, as_data

from . import _completions, _context
from ._protocol_errors import invalid_parameter
from ._results import encodable
from ._token_counts import count_tokens

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    from memoryos import AsyncMemoryOS, AsyncScopedMemoryOS
    from memoryos.types import ContextResponse

    from ._log_notes import Notes

    Client = AsyncMemoryOS | AsyncScopedMemoryOS
    Complete = Callable[[Client, str], Awaitable[list[str]]]

__all__ = ["COMPLETIONS", "PROMPTS", "get"]


class _Prompt(NamedTuple):
    name: str
    title: str
    description: str
    argument: str
    argument_description: str
    request: str
    """What the user asks, about `{topic}`."""

    def definition(self) -> dict[str, Any]:
        """Return the definition as on the wire."""
        argument = {
            "name": self.argument,
            "description": self.argument_description,
            "required": True,
        }
        return {
            "name": self.name,
            "title": self.title,
            "description": self.description,
            "arguments": [argument],
        }


_PROMPTS = (
    _Prompt(
        "recall",
        "Recall",
        "Put what is remembered about a topic into the conversation.",
        "topic",
        "What to recall: a topic, a person, a project, or a task.",
        "Use what you remember about {topic} in this conversation. Confirm in one sentence that "
        "you have it.",
    ),
    _Prompt(
        "what_do_you_know_about",
        "What do you know about …",
        "Summarise what is remembered about something or somebody.",
        "subject",
        "A person, a place, a thing, an organization or a topic.",
        "What do you know about {topic}? Answer from memory only, with dates where they are known. "
        "Name what is contradictory or outdated, and don't guess what is missing.",
    ),
)
_BY_NAME = {prompt.name: prompt for prompt in _PROMPTS}

PROMPTS = tuple(prompt.definition() for prompt in _PROMPTS)
COMPLETIONS: Mapping[tuple[str, str], Complete] = {
    (prompt.name, prompt.argument): _completions.topics for prompt in _PROMPTS
}
"""What completes the argument of each prompt."""

_NOTHING = "Nothing is remembered about it."
_CUT = " …"
_ASKED_TOKENS = _context.DEFAULT_TOKENS - 20
"""Leaves room for the tags around the memories."""


async def get(
    client: Client, name: str, arguments: Mapping[str, str], notes: Notes
) -> dict[str, Any]:
    """Return the messages of a prompt as on the wire.

    Raises:
        ProtocolError: There is no such prompt, or its argument is missing.
    """
    prompt = _BY_NAME.get(name)
    if prompt is None:
        raise invalid_parameter(f"There is no such prompt: this server has {', '.join(_BY_NAME)}.")
    topic = arguments.get(prompt.argument, "")
    if not topic.strip():
        raise invalid_parameter(f"{prompt.name} needs the argument {prompt.argument!r}.")
    with notes() as collected:
        context = await client.get_context(query=topic, max_tokens=_ASKED_TOKENS)
    text = "\n\n".join([prompt.request.format(topic=topic), _memories(context), *collected])
    message = {"role": "user", "content": {"type": "text", "text": encodable(text)}}
    return {"description": prompt.description, "messages": [message]}


@reading("the context")
def _memories(context: ContextResponse) -> str:
    """Return the memories as data, with the sentence that says so.

    They are cut if they have many characters that the tags need escaped.
    """
    text = cast("str", encodable(context["context"]))
    data = as_data({**context, "context": text})
    while (size := count_tokens(data)) > _context.DEFAULT_TOKENS:
        text = text[: len(text) * _ASKED_TOKENS // size]
        data = as_data({**context, "context": text + _CUT})
    return f"{_READ_AS_DATA}\n\n{data}" if data else _NOTHING
