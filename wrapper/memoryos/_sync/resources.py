# Written by tools/sync_from_async.py from _async/resources.py: edit that file.
"""The resources of MemoryOS: memories, search, tags, entities.

A method is its documented signature, its docstring, and one line: `locals()` passes the arguments
by name, and the contract says where each is sent.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Iterable, Iterator, Mapping, Optional, Sequence, Union

from memoryos._protocol import operations

if TYPE_CHECKING:
    from datetime import datetime

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

    from .session import Session


class Resource:
    """A group of operations, sent through one session."""

    def __init__(self, session: Session) -> None:
        self._session = session


class MemoryOperations(Resource):
    """The operations on memories."""

    def create(
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
        tags: Optional[Sequence[str]] = None,
        expires_at: Optional[Union[str, datetime]] = None,
        created_at: Optional[Union[str, datetime]] = None,
        access_count: Optional[int] = None,
        last_accessed_at: Optional[Union[str, datetime]] = None,
        idempotency_key: Optional[str] = None,
    ) -> Memory:
        """Store a memory: operation `create_memory`.

        Every attempt of this call sends the same `Idempotency-Key`, so that a lost response never
        creates two memories.

        Args:
            content: The text to remember; at least one character.
            tier: How long to keep it: `short` (24 hours), `medium` or `long`.
            content_type: `text`, `conversation`, `document`, `event` or `fact`.
            memory_nature: `episodic` for events, `semantic` for facts.
            parent_memory_id: The UUID of the parent memory.
            metadata: Any JSON object. Searches filter by its keys `tags` and `entities`.
            external_id: Your own id for the memory.
            source_id: Where the memory comes from.
            importance_score: The importance, from 0 to 1.
            tags: The names of tags, in addition to those in `metadata`.
            expires_at: When the memory expires: a datetime with a time zone or a time of RFC 3339,
                in the future. Needs a service with the feature `expires-at`.
            created_at: For imports: when the memory was created, a datetime with a time zone or a
                time of RFC 3339, not in the future. This and the next two need a service with the
                feature `import-fields` and a key with the permission `admin`.
            access_count: For imports: the number of accesses, from 0 to 2147483647.
            last_accessed_at: For imports: the time of the last access; a datetime with a time zone
                or a time of RFC 3339.
            idempotency_key: A unique key for this creation, so that you can safely repeat the call
                itself; at least one character. The local Memory OS accepts up to 255 printable
                ASCII characters without spaces. Default: a random key.

        Returns:
            The memory, as a dict.

        Raises:
            ValidationError: An argument is invalid; nothing was sent.
            ConflictError: The idempotency key was used before, for another memory.
            NotSupportedError: The service lacks a feature that an argument needs.
            MemoryOSError: The call failed; see `memoryos.exceptions`.
        """
        return self._session.call(operations.create_memory, locals())

    def list(
        self,
        limit: int = 50,
        offset: int = 0,
        tier: Optional[Tier] = None,
        content_type: Optional[str] = None,
        memory_nature: Optional[MemoryNature] = None,
        min_relevance: Optional[float] = None,
        *,
        tags: Optional[Sequence[str]] = None,
        created_after: Optional[Union[str, datetime]] = None,
        created_before: Optional[Union[str, datetime]] = None,
        external_id: Optional[str] = None,
        metadata: Optional[Mapping[str, Any]] = None,
    ) -> MemoryPage:
        """Return one page of the memories, newest first: operation `list_memories`.

        The result is a dict, so a `for` loop over it yields its keys. Loop over `result["data"]`,
        or over `memories.iterate()` to get all memories.

        Where the service lacks the feature `filters`, the SDK applies `tags` and the arguments
        after it itself, and reads all pages for each call; `memories.iterate()` reads them once.

        Args:
            limit: The maximum number of memories, from 1 to 100.
            offset: The number of memories to skip; 0 or more.
            tier: Only memories of this tier: `short`, `medium` or `long`.
            content_type: Only memories of this content type: `text`, `conversation`, `document`,
                `event` or `fact`.
            memory_nature: Only memories of this nature: `episodic` or `semantic`.
            min_relevance: Only memories with at least this relevance now, from 0 to 1.
            tags: Only memories with all of these tags, by name.
            created_after: Only memories created at this time or later: a datetime with a time zone
                or a time of RFC 3339.
            created_before: Only memories created before this time: a datetime with a time zone or a
                time of RFC 3339.
            external_id: Only memories with this external id.
            metadata: Only memories whose metadata contain these keys with equal values.

        Returns:
            A dict with `data`, the memories, and `meta`: `total`, `limit`, `offset`, `has_more`.

        Raises:
            ValidationError: An argument is invalid; nothing was sent.
            MemoryOSError: The call failed; see `memoryos.exceptions`.
        """
        return self._session.call(operations.list_memories, locals())

    def get(self, memory_id: str, *, uncounted: Optional[bool] = None) -> Memory:
        """Return a memory: operation `get_memory`.

        Args:
            memory_id: The memory's UUID.
            uncounted: Whether this counts as no access, which leaves `access_count` and the
                relevance as they are. A service without the feature `uncounted` counts it.

        Returns:
            The memory, as a dict.

        Raises:
            ValidationError: The id is not a UUID; nothing was sent.
            NotFoundError: There is no such memory.
            MemoryOSError: The call failed; see `memoryos.exceptions`.
        """
        return self._session.call(operations.get_memory, locals())

    def update(
        self,
        memory_id: str,
        content: Optional[str] = None,
        tier: Optional[Tier] = None,
        importance_score: Optional[float] = None,
        memory_nature: Optional[MemoryNature] = None,
        metadata: Optional[Mapping[str, Any]] = None,
        *,
        tags: Optional[Sequence[str]] = None,
        expires_at: Optional[Union[str, datetime]] = None,
        if_updated_at: Optional[Union[str, datetime]] = None,
    ) -> Memory:
        """Change some fields of a memory: operation `update_memory`.

        Omitted arguments leave their fields unchanged; pass at least one.

        Where the service lacks the feature `tags` or `if-updated-at`, the SDK gets the memory,
        merges the tags into its metadata or compares the time, and then updates it. That is not
        atomic: a change between the two calls is not noticed.

        Args:
            memory_id: The memory's UUID.
            content: The new text, at least one character; the service embeds it again.
            tier: The new tier: `short`, `medium` or `long`.
            importance_score: The new importance, from 0 to 1.
            memory_nature: The new nature: `episodic` or `semantic`.
            metadata: The new metadata, which replaces the old. The local Memory OS keeps `tags` and
                `entities` unless the new metadata names them; `{"tags": []}` removes all tags.
            tags: The names of all tags from now on; an empty list removes them all.
            expires_at: When the memory expires: a datetime with a time zone or a time of RFC 3339,
                in the future. Needs a service with the feature `expires-at`.
            if_updated_at: The `updated_at` of the memory that you want to change, a datetime with a
                time zone or a time of RFC 3339. If somebody else changed the memory since, nothing
                is changed.

        Returns:
            The updated memory, as a dict.

        Raises:
            ValidationError: An argument is invalid; nothing was sent.
            NotFoundError: There is no such memory.
            ConflictError: The memory was changed since `if_updated_at`.
            NotSupportedError: The service lacks a feature that an argument needs.
            MemoryOSError: The call failed; see `memoryos.exceptions`.
        """
        return self._session.call(operations.update_memory, locals())

    def delete(self, memory_id: str) -> Deletion:
        """Delete a memory permanently: operation `delete_memory`.

        Args:
            memory_id: The memory's UUID.

        Returns:
            `{"deleted": True}`.

        Raises:
            ValidationError: The id is not a UUID; nothing was sent.
            NotFoundError: There is no such memory.
            MemoryOSError: The call failed; see `memoryos.exceptions`.
        """
        return self._session.call(operations.delete_memory, locals())


class SearchOperations(Resource):
    """Search memories, and get a context for a prompt."""

    def search(
        self,
        query: Optional[str] = None,
        embedding: Optional[Iterable[float]] = None,
        threshold: float = 0.7,
        limit: int = 20,
        tier: Optional[Tier] = None,
        memory_nature: Optional[MemoryNature] = None,
        tags: Optional[Sequence[str]] = None,
        entities: Optional[Sequence[str]] = None,
        *,
        content_type: Optional[str] = None,
        created_after: Optional[Union[str, datetime]] = None,
        created_before: Optional[Union[str, datetime]] = None,
        external_id: Optional[str] = None,
        metadata: Optional[Mapping[str, Any]] = None,
        highlights: Optional[bool] = None,
        explain: Optional[bool] = None,
    ) -> SearchResponse:
        """Search memories by meaning, best first: operation `search_memories`.

        Where the service lacks the feature `filters`, the SDK applies `content_type` and the
        arguments after it itself, to the 100 best results. A warning is logged if there may be
        more. For `external_id`, it reads the list of all memories first.

        Args:
            query: The query, in natural language; at least one character. Pass it or `embedding`.
            embedding: The query's embedding, 1536 numbers from the service's model: a list, a
                tuple or an array.
            threshold: The minimum similarity of a result, from 0 to 1. For a model's prompt, use
                `get_context`, or `threshold=0` with a `limit`: the default of 0.7 is for finding
                what is surely related, and general questions and requests often find nothing.
            limit: The maximum number of results, from 1 to 100.
            tier: Only memories of this tier: `short`, `medium` or `long`.
            memory_nature: Only memories of this nature: `episodic` or `semantic`.
            tags: Only memories with all of these tags, by name.
            entities: Only memories that refer to all of these entities, by id.
            content_type: Only memories of this content type: `text`, `conversation`, `document`,
                `event` or `fact`.
            created_after: Only memories created at this time or later: a datetime with a time zone
                or a time of RFC 3339.
            created_before: Only memories created before this time: a datetime with a time zone or a
                time of RFC 3339.
            external_id: Only memories with this external id.
            metadata: Only memories whose metadata contain these keys with equal values.
            highlights: Whether each result has `highlights`: the passages that match the query.
                Needs a service with the feature `highlights`.
            explain: Whether each result has an `explanation`: the parts of its `combined_score` and
                the words that matched. Such a search counts no accesses.
                Needs a service with the feature `explain`.

        Returns:
            A dict with `results`, `search_type` and `threshold`.

        Raises:
            ValidationError: An argument is invalid; nothing was sent.
            NotSupportedError: The service lacks a feature that an argument needs.
            MemoryOSError: The call failed; see `memoryos.exceptions`.
        """
        arguments = locals()
        if isinstance(embedding, Iterator):  # the session may send it more than once
            arguments["embedding"] = list(embedding)
        return self._session.call(operations.search_memories, arguments)

    def get_context(
        self,
        query: str,
        max_tokens: int = 4000,
        tier: Optional[Tier] = None,
        format: ContextFormat = "text",
        *,
        content_type: Optional[str] = None,
        memory_nature: Optional[MemoryNature] = None,
        tags: Optional[Sequence[str]] = None,
        entities: Optional[Sequence[str]] = None,
        created_after: Optional[Union[str, datetime]] = None,
        created_before: Optional[Union[str, datetime]] = None,
        external_id: Optional[str] = None,
        metadata: Optional[Mapping[str, Any]] = None,
    ) -> ContextResponse:
        """Return the memories for a query as text for a prompt: operation `get_context`.

        A memory that is too long for the budget is cut to the passages that match the query best,
        with `…` where text is missing.

        Where the service lacks the feature `filters`, and `content_type` or an argument after it is
        given, the SDK builds the context from the 100 best results of a search, in the format of
        the local Memory OS. It then estimates the tokens, rather too high, and cuts a memory only
        if nothing else fits.

        Args:
            query: The topic of the prompt; at least one character.
            max_tokens: The maximum number of tokens in the context; 0 or more.
            tier: Only memories of this tier: `short`, `medium` or `long`.
            format: `text` for prose, `json` for a JSON document.
            content_type: Only memories of this content type: `text`, `conversation`, `document`,
                `event` or `fact`.
            memory_nature: Only memories of this nature: `episodic` or `semantic`.
            tags: Only memories with all of these tags, by name.
            entities: Only memories that refer to all of these entities, by id.
            created_after: Only memories created at this time or later: a datetime with a time zone
                or a time of RFC 3339.
            created_before: Only memories created before this time: a datetime with a time zone or a
                time of RFC 3339.
            external_id: Only memories with this external id.
            metadata: Only memories whose metadata contain these keys with equal values.

        Returns:
            A dict with `context`, `memories`, `token_count` and `retrieval_time_ms`. The local
            Memory OS adds `omitted`, the number of memories left out by reason: `budget` and
            `duplicate`.

        Raises:
            ValidationError: An argument is invalid; nothing was sent.
            MemoryOSError: The call failed; see `memoryos.exceptions`.
        """
        return self._session.call(operations.get_context, locals())


class Tags(Resource):
    """List the tags on memories."""

    def list(
        self,
        limit: int = 50,
        offset: int = 0,
        search: Optional[str] = None,
        sort: TagSort = "name",
        order: SortOrder = "asc",
    ) -> TagPage:
        """Return one page of the tags: operation `list_tags`.

        The result is a dict, so a `for` loop over it yields its keys. Loop over `result["data"]`.
        For the next page, increase `offset`, while `meta["has_more"]` is true.

        Args:
            limit: The maximum number of tags, from 1 to 100.
            offset: The number of tags to skip; 0 or more.
            search: Only tags whose name contains this, in upper or lower case.
            sort: `name`, `memory_count` or `created_at`.
            order: `asc` or `desc`.

        Returns:
            A dict with `data`, the tags, and `meta`: `total`, `limit`, `offset`, `has_more`.

        Raises:
            ValidationError: An argument is invalid; nothing was sent.
            MemoryOSError: The call failed; see `memoryos.exceptions`.
        """
        return self._session.call(operations.list_tags, locals())


class Entities(Resource):
    """List and create the entities that memories refer to."""

    def list(
        self,
        limit: int = 50,
        offset: int = 0,
        type: Optional[EntityType] = None,
        search: Optional[str] = None,
    ) -> EntityPage:
        """Return one page of the entities: operation `list_entities`.

        The result is a dict, so a `for` loop over it yields its keys. Loop over `result["data"]`.
        For the next page, increase `offset`, while `meta["has_more"]` is true.

        Args:
            limit: The maximum number of entities, from 1 to 100.
            offset: The number of entities to skip; 0 or more.
            type: Only entities of this type: `person`, `place`, `thing` or `organization`.
            search: Only entities whose name contains this, in upper or lower case.

        Returns:
            A dict with `data`, the entities, and `meta`: `total`, `limit`, `offset`, `has_more`.

        Raises:
            ValidationError: An argument is invalid; nothing was sent.
            MemoryOSError: The call failed; see `memoryos.exceptions`.
        """
        return self._session.call(operations.list_entities, locals())

    def create(
        self,
        name: str,
        type: EntityType,
        aliases: Optional[Sequence[str]] = None,
        metadata: Optional[Mapping[str, Any]] = None,
        *,
        idempotency_key: Optional[str] = None,
    ) -> Entity:
        """Register an entity: operation `create_entity`.

        Args:
            name: The entity's name; at least one character.
            type: `person`, `place`, `thing` or `organization`.
            aliases: Other names of the entity.
            metadata: Any JSON object.
            idempotency_key: A name for this creation; see `memories.create`.

        Returns:
            The entity, as a dict. Memories refer to it by its `id`.

        Raises:
            ValidationError: An argument is invalid; nothing was sent.
            ConflictError: The idempotency key was used before, for another entity.
            MemoryOSError: The call failed; see `memoryos.exceptions`.
        """
        return self._session.call(operations.create_entity, locals())
