"""The tools for models. Each calls one method of the SDK."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Annotated, Any, Literal

from mcp_types import ToolAnnotations
from pydantic import Field

from memoryos import AsyncMemoryOS
from memoryos.types import ContentType, MemoryNature, Tier

from . import _results
from ._results import ContextResult, DeleteResult, MemoryList, MemoryResult, SearchResult
from ._tool_errors import as_tool_errors

__all__ = ["ReadTools", "Tool", "WriteTools"]

Tool = tuple[Callable[..., Any], ToolAnnotations]
"""A function and hints for the host. Its docstring and annotations describe it to models."""

Content = Annotated[
    str, Field(min_length=1, description="What to remember. It must be understandable on its own.")
]
NewTier = Annotated[
    Tier,
    Field(description="How long to keep it: short 24 hours, medium weeks, long permanently."),
]
Kind = Annotated[ContentType, Field(description="The kind of text.")]
Nature = Annotated[
    MemoryNature | None, Field(description="semantic for facts, episodic for events.")
]
Importance = Annotated[float | None, Field(ge=0, le=1, description="Importance, from 0 to 1.")]
Tags = Annotated[list[str] | None, Field(description="Tags to find the memory by.")]
Id = Annotated[str, Field(description="The memory's id, a UUID.")]
Query = Annotated[str, Field(min_length=1, description="What to look for, in natural language.")]
OfTier = Annotated[Tier | None, Field(description="Only memories in this tier.")]
Skipped = Annotated[int, Field(ge=0, description="Number of memories to skip.")]


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

    async def search_memories(
        self,
        query: Query,
        limit: Annotated[int, Field(ge=1, le=100, description="Maximum number of memories.")] = 10,
        threshold: Annotated[
            float,
            Field(ge=0, le=1, description="Minimum similarity; a lower value finds more."),
        ] = 0.7,
        tier: OfTier = None,
        tags: Annotated[
            list[str] | None, Field(description="Only memories with all of these tags.")
        ] = None,
    ) -> SearchResult:
        """Search memories by meaning. Returns them with their ids, best match first.

        Use it before you say that you don't know something about the user or their work.
        """
        with as_tool_errors():
            response = await self._client.search(
                query, threshold=threshold, limit=limit, tier=tier, tags=tags
            )
        return _results.search_result(response)

    async def get_context(
        self,
        query: Query,
        max_tokens: Annotated[
            int, Field(ge=0, le=100_000, description="Maximum size of the text in tokens.")
        ] = 2000,
        tier: OfTier = None,
    ) -> ContextResult:
        """Get everything relevant to a task or question as one text within a token budget.

        Use it at the start of a task. Use search_memories to find something specific.
        """
        with as_tool_errors():
            response = await self._client.get_context(query, max_tokens=max_tokens, tier=tier)
        return _results.context_result(response)

    async def list_memories(
        self,
        limit: Annotated[int, Field(ge=1, le=100, description="Maximum number of memories.")] = 20,
        offset: Skipped = 0,
        tier: OfTier = None,
    ) -> MemoryList:
        """List memories page by page, newest first, for an overview or to clean up."""
        with as_tool_errors():
            page = await self._client.memories.list(limit, offset, tier)
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

    async def remember(
        self,
        content: Content,
        tier: NewTier = "long",
        content_type: Kind = "text",
        memory_nature: Nature = None,
        importance_score: Importance = None,
        tags: Tags = None,
    ) -> MemoryResult:
        """Store something for later conversations: a fact, a preference, a decision or an event.

        Store one thing per memory. Search first: if it is already known, update that memory.
        """
        metadata = {"tags": tags} if tags else None
        with as_tool_errors():
            memory = await self._client.memories.create(
                content,
                tier=tier,
                content_type=content_type,
                memory_nature=memory_nature,
                importance_score=importance_score,
                metadata=metadata,
            )
        return _results.memory_result(memory)

    async def update_memory(
        self,
        memory_id: Id,
        content: Annotated[
            str | None, Field(min_length=1, description="The new content, which replaces the old.")
        ] = None,
        tier: Annotated[Tier | None, Field(description="The new tier.")] = None,
        memory_nature: Annotated[MemoryNature | None, Field(description="The new nature.")] = None,
        importance_score: Annotated[
            float | None, Field(ge=0, le=1, description="The new importance.")
        ] = None,
        metadata: Annotated[
            dict[str, Any] | None,
            Field(description="The new metadata, which replaces the old completely."),
        ] = None,
    ) -> MemoryResult:
        """Change a memory that is outdated or wrong. Omitted fields stay unchanged."""
        with as_tool_errors():
            memory = await self._client.memories.update(
                memory_id,
                content=content,
                tier=tier,
                importance_score=importance_score,
                memory_nature=memory_nature,
                metadata=metadata,
            )
        return _results.memory_result(memory)

    async def forget(self, memory_id: Id) -> DeleteResult:
        """Delete a memory permanently. This can't be undone: make sure that the user wants it."""
        with as_tool_errors():
            await self._client.memories.delete(memory_id)
        return {"forgotten": memory_id}
