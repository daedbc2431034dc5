"""Calling tools, and holding what they answer to what every answer is."""

from __future__ import annotations

import json


async def answer(client, tool, **arguments):
    """Return what a tool answers; the text says the same as the structure."""
    result = await client.call(tool, arguments)
    assert not result["isError"], result["content"]
    (content,) = result["content"]
    assert json.loads(content["text"]) == result["structuredContent"]
    return result["structuredContent"]


async def text(client, tool, **arguments):
    """Return what a tool answers that answers in plain text only."""
    result = await client.call(tool, arguments)
    assert not result["isError"], result["content"]
    assert "structuredContent" not in result
    (content,) = result["content"]
    return content["text"]


async def complaint(client, tool, **arguments):
    """Return the sentence of a tool that fails."""
    result = await client.call(tool, arguments)
    assert result["isError"]
    (content,) = result["content"]
    return content["text"]
