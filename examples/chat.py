"""A chat on the terminal that remembers: what was said before, and for good what starts with "!".

    python examples/chat.py

It needs OPENAI_API_KEY (with OPENAI_BASE_URL, any service that speaks OpenAI's API will do) and a
Memory OS: `make serve` prints the two lines that set one up. Ctrl-D ends the chat.

Memories go into the prompt as data, not as instructions. When Memory OS can't be asked, the chat
goes on without it and says so: to have forgotten and to be unable to look are different things.
"""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, cast

from display import fail
from openai import OpenAI

from memoryos import MemoryOS, MemoryOSError, prompts

if TYPE_CHECKING:
    from openai.types.chat import ChatCompletionMessageParam

    from memoryos.types import ContextResponse

MODEL = os.environ.get("OPENAI_MODEL", "gpt-4o-mini")
GARDENER = "You help people who grow vegetables in the city. Answer in two or three sentences."
NOTHING: ContextResponse = {
    "context": "",
    "memories": [],
    "token_count": 0,
    "retrieval_time_ms": 0,
}


def reply_to(message: str, memory: MemoryOS, model: OpenAI) -> str:
    """Answer one message with what is remembered, and remember the turn."""
    context = recall(message, memory)
    messages = cast(
        "list[ChatCompletionMessageParam]",
        prompts.openai_chat(context, message, instructions=GARDENER),
    )
    completion = model.chat.completions.create(model=MODEL, messages=messages)
    reply = completion.choices[0].message.content or ""
    keep_turn(message, reply, memory)
    return reply


def recall(message: str, memory: MemoryOS) -> ContextResponse:
    """Return what is remembered for a message; nothing where Memory OS can't be asked."""
    try:
        return memory.get_context(query=message, max_tokens=800)
    except MemoryOSError as error:
        warn("I can't look into my memories just now", error)
        return NOTHING


def keep_turn(message: str, reply: str, memory: MemoryOS) -> None:
    """Keep what was said for a day: the tier `short`."""
    try:
        memory.memories.create(
            content=f"They said: {message}\nI answered: {reply}",
            tier="short",
            content_type="conversation",
            memory_nature="episodic",
        )
    except MemoryOSError as error:
        warn("I won't remember this turn", error)


def keep_fact(fact: str, memory: MemoryOS) -> str:
    """Keep a fact for good: the tier `long`."""
    try:
        memory.memories.create(
            content=fact, tier="long", content_type="fact", memory_nature="semantic"
        )
    except MemoryOSError as error:
        warn("I couldn't keep that", error)
        return "Please tell me again later."
    return "I'll remember that."


def warn(sentence: str, error: MemoryOSError) -> None:
    """Say on the standard error that memory is not to be had, and why."""
    print(f"({sentence}: {error})", file=sys.stderr)


def main() -> None:
    """Answer line after line, until there are no more."""
    with MemoryOS() as client, OpenAI() as model:
        # Somebody waits: better no memory than a late one.
        memory = client.with_options(timeout=5, max_retries=1)
        for line in sys.stdin:
            message = line.strip()
            if message.startswith("!"):
                print(keep_fact(message[1:].strip(), memory), flush=True)
            elif message:
                print(reply_to(message, memory, model), flush=True)


if __name__ == "__main__":
    for name in ("MEMORY_OS_API_KEY", "OPENAI_API_KEY"):
        if name not in os.environ:
            fail(f"{name} is not set. For a Memory OS of your own, `make serve` makes a key.")
    main()
