"""The JSON of the API as typed dictionaries, just as it is on the wire.

Written by `make regenerate` from openapi.yaml; never edited by hand. Times are strings (RFC 3339),
ids are strings (UUID). A service may send more keys and other values than are listed here.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any, Dict, List, Literal, Optional

if TYPE_CHECKING or sys.version_info >= (3, 12):
    from typing import TypedDict
else:  # pydantic takes no other before 3.12
    try:
        from typing_extensions import TypedDict
    except ImportError:
        from typing import TypedDict

__all__ = [
    "ContentType",
    "ContextEnvelope",
    "ContextFormat",
    "ContextMemory",
    "ContextOmissions",
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
    "ErrorDetails",
    "ErrorEnvelope",
    "FieldError",
    "Memory",
    "MemoryCreate",
    "MemoryEnvelope",
    "MemoryNature",
    "MemoryPage",
    "MemoryUpdate",
    "Meta",
    "Metadata",
    "MetadataFilter",
    "PageMeta",
    "ScoreExplanation",
    "ScorePart",
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
"""How long a memory is kept. `short` memories expire 24 hours after creation and lose about 10 %
of their relevance per hour. `medium` memories fade over days. `long` memories don't expire and
fade over months."""


MemoryNature = Literal["episodic", "semantic"]
"""`semantic` for facts, concepts and preferences; `episodic` for events and interactions that
happened at a certain time."""


ContentType = Literal["text", "conversation", "document", "event", "fact"]
"""The kind of text."""


Metadata = Dict[str, Any]
"""Any JSON object. Searches filter by two of its keys, `tags` and `entities`; the service stores
all other keys unchanged. The local Memory OS accepts at most 65536 bytes, measured as compact
JSON in UTF-8.

Keys:
    tags: The names of the memory's tags, as a list of strings. The service creates tags that
        don't exist yet. A value of any other type is stored and not read as tags. The local
        Memory OS accepts at most 256 items, each of at most 4096 characters.
    entities: The ids of the entities that the memory mentions, as a list of strings. A value of
        any other type is stored and not read as entities. The local Memory OS accepts at most
        256 items, each of at most 4096 characters.
"""


MetadataFilter = Dict[str, Any]
"""Conditions on the metadata, of which all must be met. Each key of this object must be in the
metadata at the top level, with an equal JSON value. `{}` has no conditions."""


class Memory(TypedDict):
    """A stored memory.

    Keys:
        id: The memory's id.
        content: The text of the memory.
        content_type: The kind of text.
        tier: How long a memory is kept. `short` memories expire 24 hours after creation and lose
            about 10 % of their relevance per hour. `medium` memories fade over days. `long`
            memories don't expire and fade over months.
        memory_nature: `semantic` for facts, concepts and preferences; `episodic` for events and
            interactions that happened at a certain time.
        relevance_score: The memory's current relevance, from 0 to 1. It decays over time at a rate
            that depends on the tier; each access raises it again.
        importance_score: The memory's importance, from 0 to 1, as set by its creator.
        confidence_score: The service's confidence in the memory, from 0 to 1.
        decay_rate: The rate at which the relevance decays.
        access_count: How many times the memory was read by its id, returned by a search or used in
            a context.
        last_accessed_at: The time of the last access; null before the first one.
        parent_memory_id: The id of the parent memory; null if there is none.
        external_id: The application's own identifier for the memory; null if there is none.
        source_id: The application's identifier for the memory's source; null if there is none.
        metadata: Any JSON object. Searches filter by two of its keys, `tags` and `entities`; the
            service stores all other keys unchanged. The local Memory OS accepts at most 65536
            bytes, measured as compact JSON in UTF-8.
        pii_detected: Whether personal data was detected in the content.
        pii_fields: The kinds of personal data that were detected.
        integrity_hash: A hash of the content.
        created_at: The time of creation.
        updated_at: The time of the last change.
        expires_at: The time at which the memory expires; null if it doesn't expire.
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
        content: The text to remember.
        tier: How long a memory is kept. `short` memories expire 24 hours after creation and lose
            about 10 % of their relevance per hour. `medium` memories fade over days. `long`
            memories don't expire and fade over months. Default: 'short'.
        content_type: The kind of text. Default: 'text'.
        memory_nature: `semantic` for facts, concepts and preferences; `episodic` for events and
            interactions that happened at a certain time.
        parent_memory_id: The id of the parent memory.
        metadata: Any JSON object. Searches filter by two of its keys, `tags` and `entities`; the
            service stores all other keys unchanged. The local Memory OS accepts at most 65536
            bytes, measured as compact JSON in UTF-8.
        external_id: The application's own identifier for the memory. The local Memory OS accepts at
            most 4096 characters.
        source_id: The application's identifier for the memory's source. The local Memory OS accepts
            at most 4096 characters.
        importance_score: The memory's importance, from 0 to 1.
        tags: The names of the memory's tags, in addition to the tags in `metadata`. The local
            Memory OS accepts at most 256 items, each of at most 4096 characters.
        expires_at: The time at which the memory expires, in the future. The default depends on the
            tier.
        upsert: Whether to update the newest memory with the same `external_id`, if there is one,
            instead of creating another. The request then needs an `external_id`. Fields that it
            leaves out keep their values. If nothing differs, the memory stays as it is, its
            `updated_at` too.
        upsert_within: Tag names. With `upsert`, only a memory with all of these tags is updated. If
            a tag has a key, such as `user` in `user:ada`, the memory must have no other tag with
            that key. A new parent must meet the same conditions for the tags with keys. The local
            Memory OS accepts at most 256 items, each of at most 4096 characters.
        created_at: The time of creation of an imported memory, not in the future.
        access_count: The number of accesses of an imported memory, from 0 to 2147483647.
        last_accessed_at: The time of the last access of an imported memory, not in the future.
    """

    tier: Tier
    content_type: ContentType
    memory_nature: MemoryNature
    parent_memory_id: str
    metadata: Metadata
    external_id: str
    source_id: str
    importance_score: float
    tags: List[str]
    expires_at: str
    upsert: bool
    upsert_within: List[str]
    created_at: str
    access_count: int
    last_accessed_at: str


class MemoryUpdate(TypedDict, total=False):
    """The fields of a memory to change; at least one.

    Keys:
        content: The new text. The service computes a new embedding for it.
        tier: How long a memory is kept. `short` memories expire 24 hours after creation and lose
            about 10 % of their relevance per hour. `medium` memories fade over days. `long`
            memories don't expire and fade over months.
        importance_score: The new importance, from 0 to 1.
        memory_nature: `semantic` for facts, concepts and preferences; `episodic` for events and
            interactions that happened at a certain time.
        metadata: Any JSON object. Searches filter by two of its keys, `tags` and `entities`; the
            service stores all other keys unchanged. The local Memory OS accepts at most 65536
            bytes, measured as compact JSON in UTF-8.
        tags: The names of all tags of the memory from now on, instead of those in `metadata`. The
            local Memory OS accepts at most 256 items, each of at most 4096 characters.
        expires_at: The new time of expiry, in the future.
        if_updated_at: The `updated_at` that the memory must have. Otherwise, the update fails with
            409.
    """

    content: str
    tier: Tier
    importance_score: float
    memory_nature: MemoryNature
    metadata: Metadata
    tags: List[str]
    expires_at: str
    if_updated_at: str


class Deletion(TypedDict):
    """The result of deleting a memory.

    Keys:
        deleted: Always true.
    """

    deleted: Literal[True]


SearchType = Literal["semantic", "text"]
"""The kind of search that ran: `semantic`, by meaning, or `text`, by words, if the service fell
back to text search."""


class SearchRequest(TypedDict, total=False):
    """The query and the filters of a search. A `query`, an `embedding` or both are needed.

    Keys:
        query: The query, in natural language. The local Memory OS accepts at most 32768 characters.
        embedding: The query as a vector from the embedding model that the service uses.
        threshold: The minimum similarity of a result, from 0 to 1. Default: 0.7.
        limit: The maximum number of results, from 1 to 100. Default: 20.
        tier: Only memories of this tier.
        memory_nature: Only memories of this nature.
        tags: Tag names. Only memories with all of these tags are returned. The local Memory OS
            accepts at most 256 items, each of at most 4096 characters.
        entities: Entity ids. Only memories that mention all of these entities are returned. The
            local Memory OS accepts at most 256 items, each of at most 4096 characters.
        content_type: Only memories of this content type.
        created_after: Only memories that were created at this time or later.
        created_before: Only memories that were created before this time.
        external_id: Only memories with this external id. The local Memory OS accepts at most 4096
            characters.
        metadata: Only memories whose metadata have the same value under each of these keys.
        highlights: Whether each result contains the passages that match the query.
        explain: Whether each result contains an explanation of its score. Such a search counts no
            accesses.
    """

    query: str
    embedding: List[float]
    threshold: float
    limit: int
    tier: Tier
    memory_nature: MemoryNature
    tags: List[str]
    entities: List[str]
    content_type: ContentType
    created_after: str
    created_before: str
    external_id: str
    metadata: MetadataFilter
    highlights: bool
    explain: bool


class _ScorePartRequired(TypedDict):
    """The keys that every ScorePart has."""

    name: str
    share: float


class ScorePart(_ScorePartRequired, total=False):
    """A part of a `combined_score`, such as the similarity or the relevance.

    Keys:
        name: The name of the part. The list of names is open.
        share: What it adds to the score; below 0 if it counts against the memory.
        value: The value that was measured, if the part has one.
        weight: The weight of the value, if it has one.
    """

    value: float
    weight: float


class ScoreExplanation(TypedDict):
    """What a `combined_score` is made of, and the query's words in the memory.

    Keys:
        parts: The parts of the score. The sum of their shares is the score.
        matched_words: Words of the content that match the query, as they stand there, in the order
            of their first occurrence. In scripts without spaces, runs of matching characters.
    """

    parts: List[ScorePart]
    matched_words: List[str]


class _SearchResultRequired(TypedDict):
    """The keys that every SearchResult has."""

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


class SearchResult(_SearchResultRequired, total=False):
    """A memory that a search found.

    Keys:
        id: The memory's id.
        content: The text of the memory.
        content_type: The kind of text.
        tier: How long a memory is kept. `short` memories expire 24 hours after creation and lose
            about 10 % of their relevance per hour. `medium` memories fade over days. `long`
            memories don't expire and fade over months.
        memory_nature: `semantic` for facts, concepts and preferences; `episodic` for events and
            interactions that happened at a certain time.
        relevance_score: The memory's current relevance, from 0 to 1.
        similarity: The similarity to the query, from 0 to 1. The threshold applies to this value.
        combined_score: The score that results are sorted by: similarity, relevance and importance
            combined.
        metadata: Any JSON object. Searches filter by two of its keys, `tags` and `entities`; the
            service stores all other keys unchanged. The local Memory OS accepts at most 65536
            bytes, measured as compact JSON in UTF-8.
        created_at: The time of creation.
        highlights: Passages of the content that match the query, best first.
        explanation: What a `combined_score` is made of, and the query's words in the memory.
    """

    highlights: List[str]
    explanation: ScoreExplanation


class SearchResponse(TypedDict):
    """The results of a search.

    Keys:
        results: The memories found, best first.
        search_type: The kind of search that ran: `semantic`, by meaning, or `text`, by words, if
            the service fell back to text search.
        threshold: The threshold that was applied.
    """

    results: List[SearchResult]
    search_type: SearchType
    threshold: float


ContextFormat = Literal["text", "json"]
"""The format of a context. `text` is plain text, `json` a JSON document."""


class _ContextRequestRequired(TypedDict):
    """The keys that every ContextRequest has."""

    query: str


class ContextRequest(_ContextRequestRequired, total=False):
    """The query, the token budget and the format of a context.

    Keys:
        query: The topic of the prompt, in natural language. The local Memory OS accepts at most
            32768 characters.
        max_tokens: The maximum number of tokens in the context. Default: 4000.
        tier: Only memories of this tier.
        format: The format of a context. `text` is plain text, `json` a JSON document. Default:
            'text'.
        content_type: Only memories of this content type.
        memory_nature: Only memories of this nature.
        tags: Tag names. Only memories with all of these tags are used. The local Memory OS accepts
            at most 256 items, each of at most 4096 characters.
        entities: Entity ids. Only memories that mention all of these entities are used. The local
            Memory OS accepts at most 256 items, each of at most 4096 characters.
        created_after: Only memories that were created at this time or later.
        created_before: Only memories that were created before this time.
        external_id: Only memories with this external id. The local Memory OS accepts at most 4096
            characters.
        metadata: Only memories whose metadata have the same value under each of these keys.
    """

    max_tokens: int
    tier: Tier
    format: ContextFormat
    content_type: ContentType
    memory_nature: MemoryNature
    tags: List[str]
    entities: List[str]
    created_after: str
    created_before: str
    external_id: str
    metadata: MetadataFilter


class _ContextMemoryRequired(TypedDict):
    """The keys that every ContextMemory has."""

    id: str
    content: str
    tier: Tier
    score: float


class ContextMemory(_ContextMemoryRequired, total=False):
    """A memory that is used in a context.

    Keys:
        id: The memory's id.
        content: The text in the context: the content of the memory or, if the budget has no room
            for all of it, the passages that match the query best. `…` marks where the content is
            cut.
        tier: How long a memory is kept. `short` memories expire 24 hours after creation and lose
            about 10 % of their relevance per hour. `medium` memories fade over days. `long`
            memories don't expire and fade over months.
        score: The score that the memories are sorted by.
        metadata: Any JSON object. Searches filter by two of its keys, `tags` and `entities`; the
            service stores all other keys unchanged. The local Memory OS accepts at most 65536
            bytes, measured as compact JSON in UTF-8.
    """

    metadata: Metadata


class ContextOmissions(TypedDict, total=False):
    """How many of the memories considered for a context were left out of it, by reason. A memory
    of which the context contains passages is not counted.

    Keys:
        budget: The memories for which the token budget has no room.
        duplicate: The memories whose text the context contains already, apart from case, spacing
            and Unicode normalization.
    """

    budget: int
    duplicate: int


class _ContextResponseRequired(TypedDict):
    """The keys that every ContextResponse has."""

    context: str
    memories: List[ContextMemory]
    token_count: int
    retrieval_time_ms: int


class ContextResponse(_ContextResponseRequired, total=False):
    """A context for a prompt.

    Keys:
        context: The text to insert into the prompt.
        memories: The memories used in the context, best first.
        omitted: How many of the memories considered for a context were left out of it, by reason. A
            memory of which the context contains passages is not counted.
        token_count: The number of tokens in the context, estimated by the service.
        retrieval_time_ms: The time that the retrieval took, in milliseconds.
    """

    omitted: ContextOmissions


TagSort = Literal["name", "memory_count", "created_at"]
"""The field that tags are sorted by."""


SortOrder = Literal["asc", "desc"]
"""Ascending or descending order."""


class Tag(TypedDict):
    """A tag on memories.

    Keys:
        id: The tag's id.
        name: The tag's name, unique per user.
        color: The tag's color as a hexadecimal code; null if there is none.
        description: The meaning of the tag; null if there is none.
        memory_count: The number of memories with this tag.
        created_at: The time of creation.
        updated_at: The time of the last change.
    """

    id: str
    name: str
    color: Optional[str]
    description: Optional[str]
    memory_count: int
    created_at: str
    updated_at: str


EntityType = Literal["person", "place", "thing", "organization"]
"""The type of an entity."""


class Entity(TypedDict):
    """A person, place, thing or organization that memories mention.

    Keys:
        id: The entity's id.
        name: The entity's name.
        type: The type of an entity.
        aliases: Other names of the entity.
        metadata: Any JSON object. Searches filter by two of its keys, `tags` and `entities`; the
            service stores all other keys unchanged. The local Memory OS accepts at most 65536
            bytes, measured as compact JSON in UTF-8.
        created_at: The time of creation.
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
    """An entity to create.

    Keys:
        name: The entity's name. The local Memory OS accepts at most 4096 characters.
        type: The type of an entity.
        aliases: Other names of the entity. The local Memory OS accepts at most 256 items, each of
            at most 4096 characters.
        metadata: Any JSON object. Searches filter by two of its keys, `tags` and `entities`; the
            service stores all other keys unchanged. The local Memory OS accepts at most 65536
            bytes, measured as compact JSON in UTF-8.
    """

    aliases: List[str]
    metadata: Metadata


class Meta(TypedDict):
    """Information about the response.

    Keys:
        request_id: The request's id; quote it when you report a problem.
    """

    request_id: str


class PageMeta(TypedDict):
    """The position of a page in its list.

    Keys:
        total: The number of items on all pages together.
        limit: The limit that was applied.
        offset: The offset that was applied.
        has_more: Whether there are more items after this page.
        request_id: The request's id; quote it when you report a problem.
    """

    total: int
    limit: int
    offset: int
    has_more: bool
    request_id: str


class MemoryEnvelope(TypedDict):
    """A memory in its envelope.

    Keys:
        data: A stored memory.
        meta: Information about the response.
    """

    data: Memory
    meta: Meta


class MemoryPage(TypedDict):
    """A page of memories.

    Keys:
        data: The memories of this page.
        meta: The position of a page in its list.
    """

    data: List[Memory]
    meta: PageMeta


class DeletionEnvelope(TypedDict):
    """The result of deleting a memory, in its envelope.

    Keys:
        data: The result of deleting a memory.
        meta: Information about the response.
    """

    data: Deletion
    meta: Meta


class SearchEnvelope(TypedDict):
    """The results of a search, in their envelope.

    Keys:
        data: The results of a search.
        meta: Information about the response.
    """

    data: SearchResponse
    meta: Meta


class ContextEnvelope(TypedDict):
    """A context in its envelope.

    Keys:
        data: A context for a prompt.
        meta: Information about the response.
    """

    data: ContextResponse
    meta: Meta


class TagPage(TypedDict):
    """A page of tags.

    Keys:
        data: The tags of this page.
        meta: The position of a page in its list.
    """

    data: List[Tag]
    meta: PageMeta


class EntityPage(TypedDict):
    """A page of entities.

    Keys:
        data: The entities of this page.
        meta: The position of a page in its list.
    """

    data: List[Entity]
    meta: PageMeta


class EntityEnvelope(TypedDict):
    """An entity in its envelope.

    Keys:
        data: A person, place, thing or organization that memories mention.
        meta: Information about the response.
    """

    data: Entity
    meta: Meta


class FieldError(TypedDict):
    """An invalid part of a request.

    Keys:
        field: The place in the request: `body`, `query`, `path` or `header`, followed by names and
            list positions, separated by dots.
        message: The rule that the value breaks.
    """

    field: str
    message: str


class ErrorDetails(TypedDict, total=False):
    """More information about an error, in a form for programs. Services may send other keys.

    Keys:
        errors: The invalid parts of the request. Only with the code `VALIDATION_ERROR`.
    """

    errors: List[FieldError]


class _ErrorDetailRequired(TypedDict):
    """The keys that every ErrorDetail has."""

    code: str
    message: str


class ErrorDetail(_ErrorDetailRequired, total=False):
    """An error.

    Keys:
        code: The error code, for programs. The list is open: clients must accept codes that this
            document doesn't list. Each error response lists its documented codes as examples.
        message: The error message, for people. Its wording may change.
        details: More information about an error, in a form for programs. Services may send other
            keys.
    """

    details: ErrorDetails


class ErrorEnvelope(TypedDict):
    """An error in its envelope. Every response that is not a success has this body.

    Keys:
        error: An error.
        meta: Information about the response.
    """

    error: ErrorDetail
    meta: Meta
