"""The tools for models. Each calls one method of the SDK."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Annotated, Any, Literal

from mcp_types import ToolAnnotations
from pydantic import Field

from memoryos import AsyncMemoryOS
from memoryos._protocol import operations

from . import _results
from ._arguments import arguments_of
from ._results import ContextResult, DeleteResult, MemoryList, MemoryResult, SearchResult
from ._tool_errors import as_tool_errors

__all__ = ["ReadTools", "Tool", "WriteTools"]

Tool = tuple[Callable[..., Any], ToolAnnotations]
"""A function and hints for the host. Its docstring and the contract describe it to models."""

DEFAULT_CONTEXT_TOKENS = 2000
"""Budget of `get_context` if the model names none; smaller than the contract's default."""

Tags = Annotated[list[str] | None, Field(description="Tags to find the memory by.")]


def _annotations(title: str, effect: Literal["reads", "adds", "overwrites"]) -> ToolAnnotations:
    return ToolAnnotations(
        title=title,
        read_only_hint=effect == "reads",
        destructive_hint=effect == "overwrites",
        idempotent_hint=effect != "adds",
        open_world_hint=False,
    )


class ReadTools:
    """Tools that change nothing.

    Args:
        client: Client of the account.
    """

    def __init__(self, client: AsyncMemoryOS) -> None:
        self._client = client

    def tools(self) -> Sequence[Tool]:
        """Return the tools and their hints."""
        return (
            (self.search_memories, _annotations("Search memories", "reads")),
            (self.get_context, _annotations("Get context", "reads")),
            (self.list_memories, _annotations("List memories", "reads")),
        )

    @arguments_of(
        operations.search_memories,
        without={"embedding", "memory_nature", "entities"},
        required={"query"},
        defaults={"limit": 10},
    )
    async def search_memories(self, **arguments: Any) -> SearchResult:
        """Search memories by meaning. Returns them with their ids, best match first.

        Use it before you say that you don't know something about the user or their work.
        """
        with as_tool_errors():
            response = await self._client.search(**arguments)
            return _results.search_result(response)

    @arguments_of(
        operations.get_context, without={"format"}, defaults={"max_tokens": DEFAULT_CONTEXT_TOKENS}
    )
    async def get_context(self, **arguments: Any) -> ContextResult:
        """Get everything relevant to a task or question as one text within a token budget.

        Use it at the start of a task. Use search_memories to find something specific.
        """
        with as_tool_errors():
            response = await self._client.get_context(**arguments)
            return _results.context_result(response)

    @arguments_of(
        operations.list_memories,
        without={"content_type", "memory_nature", "min_relevance"},
        defaults={"limit": 20},
    )
    async def list_memories(self, **arguments: Any) -> MemoryList:
        """List memories page by page, newest first, for an overview or to clean up."""
        with as_tool_errors():
            page = await self._client.memories.list(**arguments)
            return _results.memory_list(page)


class WriteTools:
    """Tools that store, change and delete memories.

    Args:
        client: Client of the account.
    """

    def __init__(self, client: AsyncMemoryOS) -> None:
        self._client = client

    def tools(self) -> Sequence[Tool]:
        """Return the tools and their hints."""
        return (
            (self.remember, _annotations("Remember", "adds")),
            (self.update_memory, _annotations("Update a memory", "overwrites")),
            (self.forget, _annotations("Forget a memory", "overwrites")),
        )

    @arguments_of(
        operations.create_memory,
        without={"idempotency_key", "parent_memory_id", "metadata", "external_id", "source_id"},
        defaults={"tier": "long"},
        more={"tags": Tags},
    )
    async def remember(self, **arguments: Any) -> MemoryResult:
        """Store something for later conversations: a fact, a preference, a decision or an event.

        Store one thing per memory. Search first: if it is already known, update that memory.
        """
        tags = arguments.pop("tags", None)
        metadata = {"tags": tags} if tags else None
        with as_tool_errors():
            memory = await self._client.memories.create(**arguments, metadata=metadata)
            return _results.memory_result(memory)

    @arguments_of(operations.update_memory)
    async def update_memory(self, **arguments: Any) -> MemoryResult:
        """Change a memory that is outdated or wrong. Omitted fields stay unchanged."""
        with as_tool_errors():
            memory = await self._client.memories.update(**arguments)
            return _results.memory_result(memory)

    @arguments_of(operations.delete_memory)
    async def forget(self, **arguments: Any) -> DeleteResult:
        """Delete a memory permanently. This can't be undone: make sure that the user wants it."""
        with as_tool_errors():
            await self._client.memories.delete(**arguments)
        return {"forgotten": arguments["memory_id"]}
