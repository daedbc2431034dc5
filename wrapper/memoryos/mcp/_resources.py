"""The resources: memories that a user attaches to a conversation, as JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

from anyio.to_thread import run_sync as _in_thread

from memoryos.exceptions import NotFoundError, ValidationError

from . import _completions, _results
from ._budget import RESOURCE_TOKENS
from ._protocol_errors import unknown_resource

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    from memoryos import AsyncMemoryOS, AsyncScopedMemoryOS

    Client = AsyncMemoryOS | AsyncScopedMemoryOS
    Complete = Callable[[Client, str], Awaitable[list[str]]]

__all__ = ["COMPLETIONS", "RESOURCES", "TEMPLATES", "read"]

RECENT_MEMORIES = 50

_SCHEME = "memory://"
_RECENT = f"{_SCHEME}recent"
_TAG = f"{_SCHEME}tags/"
_MEMORY_TEMPLATE = f"{_SCHEME}{{id}}"
_TAG_TEMPLATE = f"{_TAG}{{tag}}"
_MIME_TYPE = "application/json"

# A user attaches them for the model to read.
_ANNOTATIONS = {"audience": ["user", "assistant"]}

RESOURCES = (
    {
        "uri": _RECENT,
        "name": "recent",
        "title": "Recent memories",
        "description": f"The {RECENT_MEMORIES} newest memories, newest first.",
        "mimeType": _MIME_TYPE,
        "annotations": {**_ANNOTATIONS, "priority": 0.5},
    },
)
TEMPLATES = (
    {
        "uriTemplate": _MEMORY_TEMPLATE,
        "name": "memory",
        "title": "Memory",
        "description": "A memory, by its id.",
        "mimeType": _MIME_TYPE,
        "annotations": _ANNOTATIONS,
    },
    {
        "uriTemplate": _TAG_TEMPLATE,
        "name": "tag",
        "title": "Memories with a tag",
        "description": f"The {RECENT_MEMORIES} newest memories with a tag, newest first.",
        "mimeType": _MIME_TYPE,
        "annotations": _ANNOTATIONS,
    },
)
COMPLETIONS: Mapping[tuple[str, str], Complete] = {
    (_MEMORY_TEMPLATE, "id"): _completions.ids,
    (_TAG_TEMPLATE, "tag"): _completions.tags,
}
"""What completes each variable of a template."""


async def read(client: Client, uri: str) -> dict[str, Any]:
    """Return the contents of a resource as on the wire.

    Reading counts as no access: hosts also read resources to show them to the user.

    Raises:
        ProtocolError: There is no such resource.
    """
    result = await _result(client, uri)
    (block,) = result["content"]
    return {"contents": [{"uri": uri, "mimeType": _MIME_TYPE, "text": block["text"]}]}


async def _result(client: Client, uri: str) -> dict[str, Any]:
    """Return a resource as the result of a tool."""
    tag = unquote(uri[len(_TAG) :]) if uri.startswith(_TAG) else ""
    if uri == _RECENT or tag.strip():
        page = await client.memories.list(limit=RECENT_MEMORIES, tags=[tag] if tag else None)
        return await _in_thread(
            _results.memory_list, page, RESOURCE_TOKENS, 0, "list_memories gets all of it"
        )
    if not uri.startswith(_SCHEME):
        raise unknown_resource(uri)
    try:
        memory = await client.memories.get(uri[len(_SCHEME) :], uncounted=True)
    except (NotFoundError, ValidationError):
        raise unknown_resource(uri) from None
    return await _in_thread(_results.memory_result, memory, RESOURCE_TOKENS)
