"""The models of the chat: any service with OpenAI's API, or a fake one that shows its prompt."""

import asyncio
import os
from contextlib import asynccontextmanager
from functools import partial
from typing import TYPE_CHECKING, Any, AsyncIterator, Callable

if TYPE_CHECKING:
    from openai import AsyncOpenAI

Messages = list[dict[str, Any]]
Model = Callable[[Messages], AsyncIterator[str]]
"""Streams the answer to a conversation."""

LINE_SECONDS = 0.05


class ModelError(Exception):
    """The model failed to answer."""


@asynccontextmanager
async def open_model() -> AsyncIterator[Model]:
    """Open a connection to OpenAI if OPENAI_API_KEY is set, or else use the fake model."""
    if not os.environ.get("OPENAI_API_KEY"):
        yield show_prompt
        return
    from openai import AsyncOpenAI

    async with AsyncOpenAI() as client:
        yield partial(ask_openai, client)


async def show_prompt(messages: Messages) -> AsyncIterator[str]:
    """Stream the prompt line by line, in place of an answer."""
    system, *earlier, question = (message["content"] for message in messages)
    shown = (
        f"I am a fake model. This is what a real one would be given:\n\n{system}\n\n"
        f"Earlier messages of this conversation: {len(earlier)}\nYour message: {question}"
    )
    for line in shown.splitlines(keepends=True):
        yield line
        await asyncio.sleep(LINE_SECONDS)


async def ask_openai(client: "AsyncOpenAI", messages: Messages) -> AsyncIterator[str]:
    """Stream the answer of the model OPENAI_MODEL."""
    from openai import OpenAIError

    request: Any = {
        "model": os.environ.get("OPENAI_MODEL", "gpt-4o-mini"),
        "messages": messages,
        "stream": True,
    }
    try:
        chunks = await client.chat.completions.create(**request)
        async for chunk in chunks:
            for choice in chunk.choices:
                yield choice.delta.content or ""
    except OpenAIError as error:
        raise ModelError from error
