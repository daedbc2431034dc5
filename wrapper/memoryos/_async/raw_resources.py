# Written by tools/sync_from_async.py from _async/resources.py: edit that file.
"""The methods behind `with_raw_response`: memories, tags, entities."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Iterable, Mapping, Optional, Sequence

from memoryos._protocol import operations

if TYPE_CHECKING:
    from memoryos._protocol.raw_response import RawResponse
    from memoryos.types import (
        ContextFormat,
        ContextResponse,
        Deletion,
        Entity,
        EntityPage,
        EntityType,
        Memory,
        MemoryNature,
        MemoryPage,
        SearchResponse,
        SortOrder,
        TagPage,
        TagSort,
        Tier,
    )
    from memoryos_api import models

    from .session import AsyncSession


class AsyncRawMemoryOperations:
    """The operations on single memories, and the list of them."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def create(
        self,
        content: str,
        tier: Tier = "short",
        content_type: str = "text",
        memory_nature: Optional[MemoryNature] = None,
        parent_memory_id: Optional[str] = None,
        metadata: Optional[Mapping[str, Any]] = None,
        external_id: Optional[str] = None,
        source_id: Optional[str] = None,
        importance_score: Optional[float] = None,
        *,
        idempotency_key: Optional[str] = None,
    ) -> RawResponse[Memory, models.Memory]:
        """Store a memory: operation `create_memory`.

        A lost answer never makes two memories: every attempt of this call carries the same
        `Idempotency-Key`.

        Args:
            content: What to remember; at least one character.
            tier: How long to keep it: `short` (24 hours), `medium` or `long`.
            content_type: `text`, `conversation`, `document`, `event` or `fact`.
            memory_nature: `episodic` for events, `semantic` for facts.
            parent_memory_id: The UUID of the memory that this one belongs to.
            metadata: Any JSON object. `tags` and `entities` in it are what a search filters by.
            external_id: The application's own reference.
            source_id: Where the memory came from.
            importance_score: How much it matters, from 0 to 1.
            idempotency_key: A unique key for this creation, so that you can safely repeat the call
                itself; at least one character. The local Memory OS accepts up to 255 printable
                ASCII characters without spaces. Default: a random key.

        Returns:
            The memory, as a dict.

        Raises:
            ValidationError: An argument breaks a rule; nothing was sent.
            ConflictError: The idempotency key was used before, for another memory.
            MemoryOSError: The call failed; see `memoryos.exceptions`.
        """
        operation = operations.create_memory(
            content,
            tier,
            content_type,
            memory_nature,
            parent_memory_id,
            metadata,
            external_id,
            source_id,
            importance_score,
            idempotency_key=idempotency_key,
        )
        return await self._session.call_raw(operation)

    async def list(
        self,
        limit: int = 50,
        offset: int = 0,
        tier: Optional[Tier] = None,
        content_type: Optional[str] = None,
        memory_nature: Optional[MemoryNature] = None,
        min_relevance: Optional[float] = None,
    ) -> RawResponse[MemoryPage, models.MemoryPage]:
        """Get one page of the memories, newest first: operation `list_memories`.

        Args:
            limit: How many memories at most, from 1 to 100.
            offset: How many memories to skip; 0 or more.
            tier: Only memories of this tier: `short`, `medium` or `long`.
            content_type: Only memories of this content type: `text`, `conversation`, `document`,
                `event` or `fact`.
            memory_nature: Only memories of this nature: `episodic` or `semantic`.
            min_relevance: Only memories whose present relevance is at least this, from 0 to 1.

        Returns:
            A dict with `data`, the memories, and `meta`: `total`, `limit`, `offset`, `has_more`.

        Raises:
            ValidationError: An argument breaks a rule; nothing was sent.
            MemoryOSError: The call failed; see `memoryos.exceptions`.
        """
        operation = operations.list_memories(
            limit, offset, tier, content_type, memory_nature, min_relevance
        )
        return await self._session.call_raw(operation)

    async def get(self, memory_id: str) -> RawResponse[Memory, models.Memory]:
        """Get a memory: operation `get_memory`.

        Args:
            memory_id: The memory's UUID.

        Returns:
            The memory, as a dict.

        Raises:
            ValidationError: The id is not a UUID; nothing was sent.
            NotFoundError: There is no such memory.
            MemoryOSError: The call failed; see `memoryos.exceptions`.
        """
        return await self._session.call_raw(operations.get_memory(memory_id))

    async def update(
        self,
        memory_id: str,
        content: Optional[str] = None,
        tier: Optional[Tier] = None,
        importance_score: Optional[float] = None,
        memory_nature: Optional[MemoryNature] = None,
        metadata: Optional[Mapping[str, Any]] = None,
    ) -> RawResponse[Memory, models.Memory]:
        """Change some fields of a memory: operation `update_memory`.

        An argument left at None leaves its field as it is; at least one is needed.

        Args:
            memory_id: The memory's UUID.
            content: The new content, which is embedded anew; at least one character.
            tier: The new tier: `short`, `medium` or `long`.
            importance_score: The new importance, from 0 to 1.
            memory_nature: The new nature: `episodic` or `semantic`.
            metadata: The new metadata, in place of the old as a whole.

        Returns:
            The memory as it is now, as a dict.

        Raises:
            ValidationError: An argument breaks a rule; nothing was sent.
            NotFoundError: There is no such memory.
            MemoryOSError: The call failed; see `memoryos.exceptions`.
        """
        operation = operations.update_memory(
            memory_id, content, tier, importance_score, memory_nature, metadata
        )
        return await self._session.call_raw(operation)

    async def delete(self, memory_id: str) -> RawResponse[Deletion, models.Deletion]:
        """Delete a memory for good: operation `delete_memory`.

        Args:
            memory_id: The memory's UUID.

        Returns:
            `{"deleted": True}`.

        Raises:
            ValidationError: The id is not a UUID; nothing was sent.
            NotFoundError: There is no such memory.
            MemoryOSError: The call failed; see `memoryos.exceptions`.
        """
        return await self._session.call_raw(operations.delete_memory(memory_id))


class AsyncRawQueries:
    """Finding memories by what they mean."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def search(
        self,
        query: Optional[str] = None,
        embedding: Optional[Iterable[float]] = None,
        threshold: float = 0.7,
        limit: int = 20,
        tier: Optional[Tier] = None,
        memory_nature: Optional[MemoryNature] = None,
        tags: Optional[Sequence[str]] = None,
        entities: Optional[Sequence[str]] = None,
    ) -> RawResponse[SearchResponse, models.SearchResponse]:
        """Find memories by meaning, best first: operation `search_memories`.

        Args:
            query: What to look for, in natural language; at least one character. It or `embedding`
                is needed.
            embedding: A vector of 1536 numbers, from the model that the service embeds with: a
                list, a tuple, an array.
            threshold: The least similarity of a result, from 0 to 1.
            limit: How many results at most, from 1 to 100.
            tier: Only memories of this tier: `short`, `medium` or `long`.
            memory_nature: Only memories of this nature: `episodic` or `semantic`.
            tags: Only memories that carry all of these tags, by name.
            entities: Only memories that refer to all of these entities, by id.

        Returns:
            A dict with `results`, `search_type` and `threshold`.

        Raises:
            ValidationError: An argument breaks a rule; nothing was sent.
            MemoryOSError: The call failed; see `memoryos.exceptions`.
        """
        operation = operations.search_memories(
            query, embedding, threshold, limit, tier, memory_nature, tags, entities
        )
        return await self._session.call_raw(operation)

    async def get_context(
        self,
        query: str,
        max_tokens: int = 4000,
        tier: Optional[Tier] = None,
        format: ContextFormat = "text",
    ) -> RawResponse[ContextResponse, models.ContextResponse]:
        """Get what is remembered for a query, ready for a prompt: operation `get_context`.

        Args:
            query: What the prompt is about; at least one character.
            max_tokens: How many tokens the context may have; 0 or more.
            tier: Only memories of this tier: `short`, `medium` or `long`.
            format: `text` for prose, `json` for a JSON document.

        Returns:
            A dict with `context`, `memories`, `token_count` and `retrieval_time_ms`.

        Raises:
            ValidationError: An argument breaks a rule; nothing was sent.
            MemoryOSError: The call failed; see `memoryos.exceptions`.
        """
        return await self._session.call_raw(operations.get_context(query, max_tokens, tier, format))


class AsyncRawTags:
    """List the tags on memories."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def list(
        self,
        limit: int = 50,
        offset: int = 0,
        search: Optional[str] = None,
        sort: TagSort = "name",
        order: SortOrder = "asc",
    ) -> RawResponse[TagPage, models.TagPage]:
        """Get one page of the tags: operation `list_tags`.

        Args:
            limit: How many tags at most, from 1 to 100.
            offset: How many tags to skip; 0 or more.
            search: Only tags whose name contains this, in upper or lower case.
            sort: `name`, `memory_count` or `created_at`.
            order: `asc` or `desc`.

        Returns:
            A dict with `data`, the tags, and `meta`: `total`, `limit`, `offset`, `has_more`.

        Raises:
            ValidationError: An argument breaks a rule; nothing was sent.
            MemoryOSError: The call failed; see `memoryos.exceptions`.
        """
        return await self._session.call_raw(
            operations.list_tags(limit, offset, search, sort, order)
        )


class AsyncRawEntities:
    """List and create the entities that memories speak of."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def list(
        self,
        limit: int = 50,
        offset: int = 0,
        type: Optional[EntityType] = None,
        search: Optional[str] = None,
    ) -> RawResponse[EntityPage, models.EntityPage]:
        """Get one page of the entities: operation `list_entities`.

        Args:
            limit: How many entities at most, from 1 to 100.
            offset: How many entities to skip; 0 or more.
            type: Only entities of this type: `person`, `place`, `thing` or `organization`.
            search: Only entities whose name contains this, in upper or lower case.

        Returns:
            A dict with `data`, the entities, and `meta`: `total`, `limit`, `offset`, `has_more`.

        Raises:
            ValidationError: An argument breaks a rule; nothing was sent.
            MemoryOSError: The call failed; see `memoryos.exceptions`.
        """
        return await self._session.call_raw(operations.list_entities(limit, offset, type, search))

    async def create(
        self,
        name: str,
        type: EntityType,
        aliases: Optional[Sequence[str]] = None,
        metadata: Optional[Mapping[str, Any]] = None,
        *,
        idempotency_key: Optional[str] = None,
    ) -> RawResponse[Entity, models.Entity]:
        """Register an entity: operation `create_entity`.

        Args:
            name: Its name; at least one character.
            type: `person`, `place`, `thing` or `organization`.
            aliases: Its other names.
            metadata: Any JSON object.
            idempotency_key: A name for this creation; see `memories.create`.

        Returns:
            The entity, as a dict. Memories refer to it by its `id`.

        Raises:
            ValidationError: An argument breaks a rule; nothing was sent.
            ConflictError: The idempotency key was used before, for another entity.
            MemoryOSError: The call failed; see `memoryos.exceptions`.
        """
        operation = operations.create_entity(
            name, type, aliases, metadata, idempotency_key=idempotency_key
        )
        return await self._session.call_raw(operation)
