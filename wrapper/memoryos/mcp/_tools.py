"""The tools: what a model may do with memories, each a call of the SDK."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Annotated, Any, Literal

from mcp_types import ToolAnnotations
from pydantic import Field

from memoryos import AsyncMemoryOS
from memoryos.types import ContentType, MemoryNature, Tier

from . import _results
from ._results import ContextResult, DeleteResult, SearchResult, MemoryList, MemoryResult
from ._tool_errors import as_tool_errors

__all__ = ["ReadTools", "Tool", "WriteTools"]

Tool = tuple[Callable[..., Any], ToolAnnotations]
"""A function, described to a model by docstring and annotations, and hints for its host."""

Content = Annotated[
    str, Field(min_length=1, description="What to remember, so that it is understood by itself.")
]
NewTier = Annotated[
    Tier,
    Field(description="How long to keep it: short is 24 hours, medium is weeks, long is for good."),
]
Kind = Annotated[ContentType, Field(description="What kind of text it is.")]
Nature = Annotated[
    MemoryNature | None, Field(description="semantic for facts, episodic for events.")
]
Importance = Annotated[float | None, Field(ge=0, le=1, description="How much it matters.")]
Tags = Annotated[list[str] | None, Field(description="Names to find it by.")]
Id = Annotated[str, Field(description="The memory's id, a UUID.")]
Query = Annotated[str, Field(min_length=1, description="What to look for, in natural language.")]
OfTier = Annotated[Tier | None, Field(description="Only memories of this tier.")]
Skipped = Annotated[int, Field(ge=0, description="How many to skip.")]


def _annotations(title: str, kind: Literal["reads", "adds", "overwrites"]) -> ToolAnnotations:
    return ToolAnnotations(
        title=title,
        read_only_hint=kind == "reads",
        destructive_hint=kind == "overwrites",
        idempotent_hint=kind != "adds",
        open_world_hint=False,
    )


class ReadTools:
    """The tools that change nothing.

    Args:
        client: The account to read from.
    """

    def __init__(self, client: AsyncMemoryOS) -> None:
        self._client = client

    def tools(self) -> Sequence[Tool]:
        """Return the tools."""
        return (
            (self.search_memories, _annotations("Search memories", "reads")),
            (self.get_context, _annotations("Get context", "reads")),
            (self.list_memories, _annotations("List memories", "reads")),
        )

    async def search_memories(
        self,
        query: Query,
        limit: Annotated[int, Field(ge=1, le=100, description="How many at most.")] = 10,
        threshold: Annotated[
            float,
            Field(ge=0, le=1, description="The least similarity; lower finds more."),
        ] = 0.7,
        tier: OfTier = None,
        tags: Annotated[
            list[str] | None, Field(description="Only memories with all of these tags.")
        ] = None,
    ) -> SearchResult:
        """Find what is remembered about something, by meaning, best first, with ids.

        Use it before you say that you don't know something about the user or their work.
        """
        with as_tool_errors():
            answer = await self._client.search(
                query, threshold=threshold, limit=limit, tier=tier, tags=tags
            )
        return _results.search_result(answer)

    async def get_context(
        self,
        query: Query,
        max_tokens: Annotated[
            int, Field(ge=0, le=100_000, description="How many tokens it may have.")
        ] = 2000,
        tier: OfTier = None,
    ) -> ContextResult:
        """Get all that is worth knowing for a task or question, as one text within a token budget.

        Use it at the start of a task; use search_memories to look for something particular.
        """
        with as_tool_errors():
            answer = await self._client.get_context(query, max_tokens=max_tokens, tier=tier)
        return _results.context_result(answer)

    async def list_memories(
        self,
        limit: Annotated[int, Field(ge=1, le=100, description="How many at most.")] = 20,
        offset: Skipped = 0,
        tier: OfTier = None,
    ) -> MemoryList:
        """List memories, newest first, page by page: for an overview, or to clean up."""
        with as_tool_errors():
            page = await self._client.memories.list(limit, offset, tier)
        return _results.memory_list(page)


class WriteTools:
    """The tools that store, change and delete.

    Args:
        client: The account to write to.
    """

    def __init__(self, client: AsyncMemoryOS) -> None:
        self._client = client

    def tools(self) -> Sequence[Tool]:
        """Return the tools."""
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
        """Store something for later conversations: a fact, a preference, a decision, an event.

        One thing each. Search first: what is known already is better updated than stored twice.
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
            str | None, Field(min_length=1, description="The new content, in place of the old.")
        ] = None,
        tier: Annotated[Tier | None, Field(description="The new tier.")] = None,
        memory_nature: Annotated[MemoryNature | None, Field(description="The new nature.")] = None,
        importance_score: Annotated[
            float | None, Field(ge=0, le=1, description="The new importance.")
        ] = None,
        metadata: Annotated[
            dict[str, Any] | None,
            Field(description="The new metadata, in place of the old as a whole."),
        ] = None,
    ) -> MemoryResult:
        """Change a memory that is outdated or wrong; what is not given stays as it is."""
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
        """Delete a memory for good. It can't be brought back: be sure that the user wants it."""
        with as_tool_errors():
            await self._client.memories.delete(memory_id)
        return {"forgotten": memory_id}
