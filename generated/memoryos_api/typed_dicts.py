"""The JSON of the API as typed dictionaries, just as it is on the wire.

Written by `make regenerate` from openapi.yaml; never edited by hand. Times are strings (RFC 3339),
ids are strings (UUID). A service may send more keys and other values than are listed here.
"""

from __future__ import annotations

from typing import Any, Dict, List, Literal, Optional, TypedDict

__all__ = [
    "ContentType",
    "ContextEnvelope",
    "ContextFormat",
    "ContextMemory",
    "ContextRequest",
    "ContextResponse",
    "Deletion",
    "DeletionEnvelope",
    "Entity",
    "EntityCreate",
    "EntityEnvelope",
    "EntityPage",
    "EntityType",
    "ErrorDetail",
    "ErrorEnvelope",
    "Memory",
    "MemoryCreate",
    "MemoryEnvelope",
    "MemoryNature",
    "MemoryPage",
    "MemoryUpdate",
    "Meta",
    "Metadata",
    "PageMeta",
    "SearchEnvelope",
    "SearchRequest",
    "SearchResponse",
    "SearchResult",
    "SearchType",
    "SortOrder",
    "Tag",
    "TagPage",
    "TagSort",
    "Tier",
]

Tier = Literal["short", "medium", "long"]
"""How long a memory is kept. `short` expires 24 hours after its creation and loses about a tenth
of its relevance an hour; `medium` fades over days; `long` is kept and fades over months."""


MemoryNature = Literal["episodic", "semantic"]
"""`semantic` for facts, concepts and preferences; `episodic` for events and interactions, bound to
a time."""


ContentType = Literal["text", "conversation", "document", "event", "fact"]
"""What kind of text the content is."""


Metadata = Dict[str, Any]
"""Any JSON object. `tags`, a list of tag names, and `entities`, a list of entity ids, are what a
search filters by."""


class Memory(TypedDict):
    """A stored memory.

    Keys:
        id: The memory's id.
        content: What is remembered.
        content_type: What kind of text the content is.
        tier: How long a memory is kept. `short` expires 24 hours after its creation and loses about
            a tenth of its relevance an hour; `medium` fades over days; `long` is kept and fades
            over months.
        memory_nature: `semantic` for facts, concepts and preferences; `episodic` for events and
            interactions, bound to a time.
        relevance_score: How relevant the memory is now. It falls with time, by the tier's rate, and
            access refreshes it.
        importance_score: How much the memory matters, as its creator said.
        confidence_score: How sure the service is of the memory.
        decay_rate: The speed at which the relevance falls.
        access_count: How often the memory was read, found or used in a context.
        last_accessed_at: When it was last read, found or used.
        parent_memory_id: The memory that this one belongs to.
        external_id: The application's own reference.
        source_id: Where the memory came from.
        metadata: Any JSON object. `tags`, a list of tag names, and `entities`, a list of entity
            ids, are what a search filters by.
        pii_detected: Whether the content holds personal data.
        pii_fields: The kinds of personal data that were found.
        integrity_hash: A hash of the content.
        created_at: When it was created.
        updated_at: When it was last changed.
        expires_at: When it will be gone; null for never.
    """

    id: str
    content: str
    content_type: ContentType
    tier: Tier
    memory_nature: Optional[MemoryNature]
    relevance_score: float
    importance_score: float
    confidence_score: float
    decay_rate: float
    access_count: int
    last_accessed_at: Optional[str]
    parent_memory_id: Optional[str]
    external_id: Optional[str]
    source_id: Optional[str]
    metadata: Metadata
    pii_detected: bool
    pii_fields: List[str]
    integrity_hash: str
    created_at: str
    updated_at: str
    expires_at: Optional[str]


class _MemoryCreateRequired(TypedDict):
    """The keys that every MemoryCreate has."""

    content: str


class MemoryCreate(_MemoryCreateRequired, total=False):
    """A memory to store.

    Keys:
        content: What to remember.
        tier: How long a memory is kept. `short` expires 24 hours after its creation and loses about
            a tenth of its relevance an hour; `medium` fades over days; `long` is kept and fades
            over months. Default: 'short'.
        content_type: What kind of text the content is. Default: 'text'.
        memory_nature: `semantic` for facts, concepts and preferences; `episodic` for events and
            interactions, bound to a time.
        parent_memory_id: The memory that this one belongs to.
        metadata: Any JSON object. `tags`, a list of tag names, and `entities`, a list of entity
            ids, are what a search filters by.
        external_id: The application's own reference.
        source_id: Where the memory came from.
        importance_score: How much the memory matters, from 0 to 1.
    """

    tier: Tier
    content_type: ContentType
    memory_nature: MemoryNature
    parent_memory_id: str
    metadata: Metadata
    external_id: str
    source_id: str
    importance_score: float


class MemoryUpdate(TypedDict, total=False):
    """The fields of a memory to change; at least one.

    Keys:
        content: The new content, which is embedded anew.
        tier: How long a memory is kept. `short` expires 24 hours after its creation and loses about
            a tenth of its relevance an hour; `medium` fades over days; `long` is kept and fades
            over months.
        importance_score: The new importance, from 0 to 1.
        memory_nature: `semantic` for facts, concepts and preferences; `episodic` for events and
            interactions, bound to a time.
        metadata: Any JSON object. `tags`, a list of tag names, and `entities`, a list of entity
            ids, are what a search filters by.
    """

    content: str
    tier: Tier
    importance_score: float
    memory_nature: MemoryNature
    metadata: Metadata


class Deletion(TypedDict):
    """What became of a deletion.

    Keys:
        deleted: True; the memory is gone.
    """

    deleted: Literal[True]


SearchType = Literal["semantic", "text"]
"""How the search ran: `semantic`, by meaning, or `text`, by words, where the service fell back to
it."""


class SearchRequest(TypedDict, total=False):
    """What to search for; a `query`, an `embedding`, or both.

    Keys:
        query: What to look for, in natural language.
        embedding: A vector from the embedding model that the service uses.
        threshold: The least similarity of a result, from 0 to 1. Default: 0.7.
        limit: How many results at most, from 1 to 100. Default: 20.
        tier: How long a memory is kept. `short` expires 24 hours after its creation and loses about
            a tenth of its relevance an hour; `medium` fades over days; `long` is kept and fades
            over months.
        memory_nature: `semantic` for facts, concepts and preferences; `episodic` for events and
            interactions, bound to a time.
        tags: Only memories that carry all of these tags, by name.
        entities: Only memories that refer to all of these entities, by id.
    """

    query: str
    embedding: List[float]
    threshold: float
    limit: int
    tier: Tier
    memory_nature: MemoryNature
    tags: List[str]
    entities: List[str]


class SearchResult(TypedDict):
    """A memory that a search found.

    Keys:
        id: The memory's id.
        content: What is remembered.
        content_type: What kind of text the content is.
        tier: How long a memory is kept. `short` expires 24 hours after its creation and loses about
            a tenth of its relevance an hour; `medium` fades over days; `long` is kept and fades
            over months.
        memory_nature: `semantic` for facts, concepts and preferences; `episodic` for events and
            interactions, bound to a time.
        relevance_score: How relevant the memory is now.
        similarity: How close it is to what was searched for; the threshold filters by this.
        combined_score: Similarity, relevance and importance weighed together; the results are in
            this order.
        metadata: Any JSON object. `tags`, a list of tag names, and `entities`, a list of entity
            ids, are what a search filters by.
        created_at: When it was created.
    """

    id: str
    content: str
    content_type: ContentType
    tier: Tier
    memory_nature: Optional[MemoryNature]
    relevance_score: float
    similarity: float
    combined_score: float
    metadata: Metadata
    created_at: str


class SearchResponse(TypedDict):
    """What a search found.

    Keys:
        results: The memories, best first.
        search_type: How the search ran: `semantic`, by meaning, or `text`, by words, where the
            service fell back to it.
        threshold: The threshold that was applied.
    """

    results: List[SearchResult]
    search_type: SearchType
    threshold: float


ContextFormat = Literal["text", "json"]
"""The form of a context, `text` for prose or `json` for a JSON document."""


class _ContextRequestRequired(TypedDict):
    """The keys that every ContextRequest has."""

    query: str


class ContextRequest(_ContextRequestRequired, total=False):
    """What the context is for.

    Keys:
        query: What the prompt is about.
        max_tokens: How many tokens the context may have at most. Default: 4000.
        tier: How long a memory is kept. `short` expires 24 hours after its creation and loses about
            a tenth of its relevance an hour; `medium` fades over days; `long` is kept and fades
            over months.
        format: The form of a context, `text` for prose or `json` for a JSON document. Default:
            'text'.
    """

    max_tokens: int
    tier: Tier
    format: ContextFormat


class ContextMemory(TypedDict):
    """A memory that a context uses.

    Keys:
        id: The memory's id.
        content: What is remembered.
        tier: How long a memory is kept. `short` expires 24 hours after its creation and loses about
            a tenth of its relevance an hour; `medium` fades over days; `long` is kept and fades
            over months.
        score: How well it fits the query; the highest comes first.
    """

    id: str
    content: str
    tier: Tier
    score: float


class ContextResponse(TypedDict):
    """A context for a prompt.

    Keys:
        context: The text to put into the prompt.
        memories: The memories that the context uses, best first.
        token_count: How many tokens the context has, as the service estimates.
        retrieval_time_ms: How long it took, in milliseconds.
    """

    context: str
    memories: List[ContextMemory]
    token_count: int
    retrieval_time_ms: int


TagSort = Literal["name", "memory_count", "created_at"]
"""What a list of tags can be sorted by."""


SortOrder = Literal["asc", "desc"]
"""Ascending or descending."""


class Tag(TypedDict):
    """A label on memories.

    Keys:
        id: The tag's id.
        name: The tag's name, unique for its owner.
        color: A colour, as a hexadecimal code such as #3b82f6.
        description: What the tag stands for.
        memory_count: How many memories carry it.
        created_at: When it was created.
        updated_at: When it was last changed.
    """

    id: str
    name: str
    color: Optional[str]
    description: Optional[str]
    memory_count: int
    created_at: str
    updated_at: str


EntityType = Literal["person", "place", "thing", "organization"]
"""What an entity is."""


class Entity(TypedDict):
    """Somebody or something that memories speak of.

    Keys:
        id: The entity's id.
        name: Its name.
        type: What an entity is.
        aliases: Its other names.
        metadata: Any JSON object. `tags`, a list of tag names, and `entities`, a list of entity
            ids, are what a search filters by.
        created_at: When it was created.
    """

    id: str
    name: str
    type: EntityType
    aliases: List[str]
    metadata: Metadata
    created_at: str


class _EntityCreateRequired(TypedDict):
    """The keys that every EntityCreate has."""

    name: str
    type: EntityType


class EntityCreate(_EntityCreateRequired, total=False):
    """An entity to register.

    Keys:
        name: Its name.
        type: What an entity is.
        aliases: Its other names.
        metadata: Any JSON object. `tags`, a list of tag names, and `entities`, a list of entity
            ids, are what a search filters by.
    """

    aliases: List[str]
    metadata: Metadata


class Meta(TypedDict):
    """About the answer.

    Keys:
        request_id: The request's name.
    """

    request_id: str


class PageMeta(TypedDict):
    """About one page of a list.

    Keys:
        total: How many items there are in all.
        limit: The limit that was applied.
        offset: The offset that was applied.
        has_more: Whether a further page follows.
        request_id: The request's name.
    """

    total: int
    limit: int
    offset: int
    has_more: bool
    request_id: str


class MemoryEnvelope(TypedDict):
    """One memory, in its envelope.

    Keys:
        data: A stored memory.
        meta: About the answer.
    """

    data: Memory
    meta: Meta


class MemoryPage(TypedDict):
    """One page of memories.

    Keys:
        data: The memories of this page.
        meta: About one page of a list.
    """

    data: List[Memory]
    meta: PageMeta


class DeletionEnvelope(TypedDict):
    """What became of a deletion, in its envelope.

    Keys:
        data: What became of a deletion.
        meta: About the answer.
    """

    data: Deletion
    meta: Meta


class SearchEnvelope(TypedDict):
    """What a search found, in its envelope.

    Keys:
        data: What a search found.
        meta: About the answer.
    """

    data: SearchResponse
    meta: Meta


class ContextEnvelope(TypedDict):
    """A context, in its envelope.

    Keys:
        data: A context for a prompt.
        meta: About the answer.
    """

    data: ContextResponse
    meta: Meta


class TagPage(TypedDict):
    """One page of tags.

    Keys:
        data: The tags of this page.
        meta: About one page of a list.
    """

    data: List[Tag]
    meta: PageMeta


class EntityPage(TypedDict):
    """One page of entities.

    Keys:
        data: The entities of this page.
        meta: About one page of a list.
    """

    data: List[Entity]
    meta: PageMeta


class EntityEnvelope(TypedDict):
    """One entity, in its envelope.

    Keys:
        data: Somebody or something that memories speak of.
        meta: About the answer.
    """

    data: Entity
    meta: Meta


class _ErrorDetailRequired(TypedDict):
    """The keys that every ErrorDetail has."""

    code: str
    message: str


class ErrorDetail(_ErrorDetailRequired, total=False):
    """What went wrong.

    Keys:
        code: A name for programs.
        message: A sentence for people.
        details: More about it, such as the field that was refused.
    """

    details: Dict[str, Any]


class ErrorEnvelope(TypedDict):
    """The body of every answer that is not a success.

    Keys:
        error: What went wrong.
        meta: About the answer.
    """

    error: ErrorDetail
    meta: Meta
