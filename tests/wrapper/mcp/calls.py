"""Calling tools, and holding what they answer to what every answer is."""

from __future__ import annotations

import json


async def answer(client, tool, **arguments):
    """Return what a tool answers; the text says the same as the structure."""
    result = await client.call_tool(tool, arguments)
    assert not result.is_error, result.content
    assert json.loads(result.content[0].text) == result.structured_content
    return result.structured_content


async def complaint(client, tool, **arguments):
    """Return the sentence of a tool that fails."""
    result = await client.call_tool(tool, arguments)
    assert result.is_error
    return result.content[0].text
