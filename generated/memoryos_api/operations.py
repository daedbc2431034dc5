"""Every operation of the contract, as plain data.

Each stands under its operationId, typed by what the SDK returns; `OPERATIONS` has them all.
Written by `make regenerate` from openapi.yaml; never edited by hand.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Dict, Generic, NamedTuple, Optional, Tuple, TypeVar

if TYPE_CHECKING:
    from . import typed_dicts

ResultT = TypeVar("ResultT")


class Argument(NamedTuple):
    """One argument of an operation."""

    name: str
    """The name that people write."""
    wire_name: str
    """The name in the request."""
    generated_name: str
    """The name in the generated functions: `type_` where Python has a name `type`."""
    location: str
    """`path`, `query`, `header` or `body` (a property of the JSON body)."""
    required: bool
    default: Any
    """None where the contract names no default."""
    description: str
    schema: Dict[str, Any]
    """The JSON Schema of the value, with every reference resolved."""


class Operation(Generic[ResultT]):
    """One operation of the HTTP API.

    Attributes:
        name: The operationId.
        summary: What it does, in a few words.
        description: What it does, in full.
        method: The HTTP method, in capitals.
        path: The template, such as `/memories/{memory_id}`.
        module: The generated module with `build_request`, `sync` and `asyncio`.
        scopes: The permissions that the key needs.
        successes: The documented statuses of success.
        errors: The documented statuses of failure, each with the code of its example.
        body: The schema of the JSON body; None for no body.
        response: The schema of a success, envelope included; None for no body.
        result: The schema of what the SDK returns: the envelope's `data`, or a whole page.
        response_kind: `item` (`data` is an object), `page` (`data` is a list), `deletion`, or
            `other` (no envelope).
        arguments: By the name that people write; path, query and header first, then the body's
            properties.
        body_rules: JSON Schema rules of the body as a whole.
    """

    __slots__ = (
        *("name", "summary", "description", "method", "path", "module", "scopes", "successes"),
        *("errors", "body", "response", "result", "response_kind", "arguments", "body_rules"),
    )

    def __init__(
        self,
        *,
        name: str,
        summary: str,
        description: str,
        method: str,
        path: str,
        module: str,
        scopes: Tuple[str, ...],
        successes: Tuple[int, ...],
        errors: Dict[int, str],
        body: Optional[str],
        response: Optional[str],
        result: Optional[str],
        response_kind: str,
        arguments: Dict[str, Argument],
        body_rules: Dict[str, Any],
    ) -> None:
        self.name = name
        self.summary = summary
        self.description = description
        self.method = method
        self.path = path
        self.module = module
        self.scopes = scopes
        self.successes = successes
        self.errors = errors
        self.body = body
        self.response = response
        self.result = result
        self.response_kind = response_kind
        self.arguments = arguments
        self.body_rules = body_rules

    def __repr__(self) -> str:
        return f"Operation({self.name}, {self.method} {self.path})"


create_memory: Operation[typed_dicts.Memory] = Operation(
    name="create_memory",
    summary="Create a memory",
    description="Stores one memory. The service embeds the content, so that it can be found by meaning, and looks for personal data in it.",
    method="POST",
    path="/memories",
    module="memoryos_api.api.memories.create_memory",
    scopes=("memories:write",),
    successes=(200, 201),
    errors={
        400: "VALIDATION_ERROR",
        401: "UNAUTHORIZED",
        403: "FORBIDDEN",
        409: "CONFLICT",
        413: "PAYLOAD_TOO_LARGE",
        422: "VALIDATION_ERROR",
        429: "RATE_LIMIT_EXCEEDED",
        500: "INTERNAL_ERROR",
        503: "UNAVAILABLE",
    },
    body="MemoryCreate",
    response="MemoryEnvelope",
    result="Memory",
    response_kind="item",
    arguments={
        "idempotency_key": Argument(
            name="idempotency_key",
            wire_name="Idempotency-Key",
            generated_name="idempotency_key",
            location="header",
            required=False,
            default=None,
            description="A name for this creation, chosen by the client. A second request with the same key and the same body, within 24 hours, gets the first one's answer and creates nothing; with another body it is refused with 409. Printable ASCII without spaces.",
            schema={"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[!-~]+$"},
        ),
        "content": Argument(
            name="content",
            wire_name="content",
            generated_name="content",
            location="body",
            required=True,
            default=None,
            description="What to remember.",
            schema={"type": "string", "minLength": 1},
        ),
        "tier": Argument(
            name="tier",
            wire_name="tier",
            generated_name="tier",
            location="body",
            required=False,
            default="short",
            description="How long a memory is kept. `short` expires 24 hours after its creation and loses about a tenth of its relevance an hour; `medium` fades over days; `long` is kept and fades over months.",
            schema={"type": "string", "enum": ["short", "medium", "long"]},
        ),
        "content_type": Argument(
            name="content_type",
            wire_name="content_type",
            generated_name="content_type",
            location="body",
            required=False,
            default="text",
            description="What kind of text the content is.",
            schema={
                "type": "string",
                "enum": ["text", "conversation", "document", "event", "fact"],
            },
        ),
        "memory_nature": Argument(
            name="memory_nature",
            wire_name="memory_nature",
            generated_name="memory_nature",
            location="body",
            required=False,
            default=None,
            description="`semantic` for facts, concepts and preferences; `episodic` for events and interactions, bound to a time.",
            schema={"type": "string", "enum": ["episodic", "semantic"]},
        ),
        "parent_memory_id": Argument(
            name="parent_memory_id",
            wire_name="parent_memory_id",
            generated_name="parent_memory_id",
            location="body",
            required=False,
            default=None,
            description="The memory that this one belongs to.",
            schema={"type": "string", "format": "uuid"},
        ),
        "metadata": Argument(
            name="metadata",
            wire_name="metadata",
            generated_name="metadata",
            location="body",
            required=False,
            default=None,
            description="Any JSON object. `tags`, a list of tag names, and `entities`, a list of entity ids, are what a search filters by.",
            schema={"type": "object", "additionalProperties": True},
        ),
        "external_id": Argument(
            name="external_id",
            wire_name="external_id",
            generated_name="external_id",
            location="body",
            required=False,
            default=None,
            description="The application's own reference.",
            schema={"type": "string"},
        ),
        "source_id": Argument(
            name="source_id",
            wire_name="source_id",
            generated_name="source_id",
            location="body",
            required=False,
            default=None,
            description="Where the memory came from.",
            schema={"type": "string"},
        ),
        "importance_score": Argument(
            name="importance_score",
            wire_name="importance_score",
            generated_name="importance_score",
            location="body",
            required=False,
            default=None,
            description="How much the memory matters, from 0 to 1.",
            schema={"type": "number", "minimum": 0, "maximum": 1},
        ),
    },
    body_rules={"additionalProperties": False},
)
list_memories: Operation[typed_dicts.MemoryPage] = Operation(
    name="list_memories",
    summary="List memories",
    description="One page of the stored memories, newest first. Listing does not count as an access: it changes neither `access_count` nor the relevance.",
    method="GET",
    path="/memories",
    module="memoryos_api.api.memories.list_memories",
    scopes=("memories:read",),
    successes=(200,),
    errors={
        400: "VALIDATION_ERROR",
        401: "UNAUTHORIZED",
        403: "FORBIDDEN",
        422: "VALIDATION_ERROR",
        429: "RATE_LIMIT_EXCEEDED",
        500: "INTERNAL_ERROR",
        503: "UNAVAILABLE",
    },
    body=None,
    response="MemoryPage",
    result="MemoryPage",
    response_kind="page",
    arguments={
        "limit": Argument(
            name="limit",
            wire_name="limit",
            generated_name="limit",
            location="query",
            required=False,
            default=50,
            description="How many items a page holds at most, from 1 to 100.",
            schema={"type": "integer", "minimum": 1, "maximum": 100},
        ),
        "offset": Argument(
            name="offset",
            wire_name="offset",
            generated_name="offset",
            location="query",
            required=False,
            default=0,
            description="How many items to skip.",
            schema={"type": "integer", "minimum": 0},
        ),
        "tier": Argument(
            name="tier",
            wire_name="tier",
            generated_name="tier",
            location="query",
            required=False,
            default=None,
            description="Only memories of this tier.",
            schema={"type": "string", "enum": ["short", "medium", "long"]},
        ),
        "content_type": Argument(
            name="content_type",
            wire_name="content_type",
            generated_name="content_type",
            location="query",
            required=False,
            default=None,
            description="Only memories of this content type.",
            schema={
                "type": "string",
                "enum": ["text", "conversation", "document", "event", "fact"],
            },
        ),
        "memory_nature": Argument(
            name="memory_nature",
            wire_name="memory_nature",
            generated_name="memory_nature",
            location="query",
            required=False,
            default=None,
            description="Only memories of this nature.",
            schema={"type": "string", "enum": ["episodic", "semantic"]},
        ),
        "min_relevance": Argument(
            name="min_relevance",
            wire_name="min_relevance",
            generated_name="min_relevance",
            location="query",
            required=False,
            default=None,
            description="Only memories whose present relevance is at least this, from 0 to 1.",
            schema={"type": "number", "minimum": 0, "maximum": 1},
        ),
    },
    body_rules={},
)
get_memory: Operation[typed_dicts.Memory] = Operation(
    name="get_memory",
    summary="Get a memory",
    description="Reads one memory. This is an access, which refreshes the memory's relevance.",
    method="GET",
    path="/memories/{memory_id}",
    module="memoryos_api.api.memories.get_memory",
    scopes=("memories:read",),
    successes=(200,),
    errors={
        400: "VALIDATION_ERROR",
        401: "UNAUTHORIZED",
        403: "FORBIDDEN",
        404: "NOT_FOUND",
        422: "VALIDATION_ERROR",
        429: "RATE_LIMIT_EXCEEDED",
        500: "INTERNAL_ERROR",
        503: "UNAVAILABLE",
    },
    body=None,
    response="MemoryEnvelope",
    result="Memory",
    response_kind="item",
    arguments={
        "memory_id": Argument(
            name="memory_id",
            wire_name="memory_id",
            generated_name="memory_id",
            location="path",
            required=True,
            default=None,
            description="The memory's id.",
            schema={"type": "string", "format": "uuid"},
        ),
    },
    body_rules={},
)
update_memory: Operation[typed_dicts.Memory] = Operation(
    name="update_memory",
    summary="Update a memory",
    description="Changes the given fields and leaves the others as they are. New content is embedded anew; `metadata` replaces the whole object.",
    method="PATCH",
    path="/memories/{memory_id}",
    module="memoryos_api.api.memories.update_memory",
    scopes=("memories:write",),
    successes=(200,),
    errors={
        400: "VALIDATION_ERROR",
        401: "UNAUTHORIZED",
        403: "FORBIDDEN",
        404: "NOT_FOUND",
        413: "PAYLOAD_TOO_LARGE",
        422: "VALIDATION_ERROR",
        429: "RATE_LIMIT_EXCEEDED",
        500: "INTERNAL_ERROR",
        503: "UNAVAILABLE",
    },
    body="MemoryUpdate",
    response="MemoryEnvelope",
    result="Memory",
    response_kind="item",
    arguments={
        "memory_id": Argument(
            name="memory_id",
            wire_name="memory_id",
            generated_name="memory_id",
            location="path",
            required=True,
            default=None,
            description="The memory's id.",
            schema={"type": "string", "format": "uuid"},
        ),
        "content": Argument(
            name="content",
            wire_name="content",
            generated_name="content",
            location="body",
            required=False,
            default=None,
            description="The new content, which is embedded anew.",
            schema={"type": "string", "minLength": 1},
        ),
        "tier": Argument(
            name="tier",
            wire_name="tier",
            generated_name="tier",
            location="body",
            required=False,
            default=None,
            description="How long a memory is kept. `short` expires 24 hours after its creation and loses about a tenth of its relevance an hour; `medium` fades over days; `long` is kept and fades over months.",
            schema={"type": "string", "enum": ["short", "medium", "long"]},
        ),
        "importance_score": Argument(
            name="importance_score",
            wire_name="importance_score",
            generated_name="importance_score",
            location="body",
            required=False,
            default=None,
            description="The new importance, from 0 to 1.",
            schema={"type": "number", "minimum": 0, "maximum": 1},
        ),
        "memory_nature": Argument(
            name="memory_nature",
            wire_name="memory_nature",
            generated_name="memory_nature",
            location="body",
            required=False,
            default=None,
            description="`semantic` for facts, concepts and preferences; `episodic` for events and interactions, bound to a time.",
            schema={"type": "string", "enum": ["episodic", "semantic"]},
        ),
        "metadata": Argument(
            name="metadata",
            wire_name="metadata",
            generated_name="metadata",
            location="body",
            required=False,
            default=None,
            description="Any JSON object. `tags`, a list of tag names, and `entities`, a list of entity ids, are what a search filters by.",
            schema={"type": "object", "additionalProperties": True},
        ),
    },
    body_rules={"minProperties": 1, "additionalProperties": False},
)
delete_memory: Operation[typed_dicts.Deletion] = Operation(
    name="delete_memory",
    summary="Delete a memory",
    description="Deletes one memory for good.",
    method="DELETE",
    path="/memories/{memory_id}",
    module="memoryos_api.api.memories.delete_memory",
    scopes=("memories:write",),
    successes=(200, 204),
    errors={
        400: "VALIDATION_ERROR",
        401: "UNAUTHORIZED",
        403: "FORBIDDEN",
        404: "NOT_FOUND",
        422: "VALIDATION_ERROR",
        429: "RATE_LIMIT_EXCEEDED",
        500: "INTERNAL_ERROR",
        503: "UNAVAILABLE",
    },
    body=None,
    response="DeletionEnvelope",
    result="Deletion",
    response_kind="deletion",
    arguments={
        "memory_id": Argument(
            name="memory_id",
            wire_name="memory_id",
            generated_name="memory_id",
            location="path",
            required=True,
            default=None,
            description="The memory's id.",
            schema={"type": "string", "format": "uuid"},
        ),
    },
    body_rules={},
)
search_memories: Operation[typed_dicts.SearchResponse] = Operation(
    name="search_memories",
    summary="Search memories",
    description="Finds memories by meaning, best first. Needs a `query` or an `embedding`; with both, the embedding ranks. A memory that is handed out counts as accessed.",
    method="POST",
    path="/search",
    module="memoryos_api.api.search.search_memories",
    scopes=("search:read",),
    successes=(200,),
    errors={
        400: "VALIDATION_ERROR",
        401: "UNAUTHORIZED",
        403: "FORBIDDEN",
        413: "PAYLOAD_TOO_LARGE",
        422: "VALIDATION_ERROR",
        429: "RATE_LIMIT_EXCEEDED",
        500: "INTERNAL_ERROR",
        503: "UNAVAILABLE",
    },
    body="SearchRequest",
    response="SearchEnvelope",
    result="SearchResponse",
    response_kind="item",
    arguments={
        "query": Argument(
            name="query",
            wire_name="query",
            generated_name="query",
            location="body",
            required=False,
            default=None,
            description="What to look for, in natural language.",
            schema={"type": "string", "minLength": 1},
        ),
        "embedding": Argument(
            name="embedding",
            wire_name="embedding",
            generated_name="embedding",
            location="body",
            required=False,
            default=None,
            description="A vector from the embedding model that the service uses.",
            schema={
                "type": "array",
                "items": {"type": "number"},
                "minItems": 1536,
                "maxItems": 1536,
            },
        ),
        "threshold": Argument(
            name="threshold",
            wire_name="threshold",
            generated_name="threshold",
            location="body",
            required=False,
            default=0.7,
            description="The least similarity of a result, from 0 to 1.",
            schema={"type": "number", "minimum": 0, "maximum": 1},
        ),
        "limit": Argument(
            name="limit",
            wire_name="limit",
            generated_name="limit",
            location="body",
            required=False,
            default=20,
            description="How many results at most, from 1 to 100.",
            schema={"type": "integer", "minimum": 1, "maximum": 100},
        ),
        "tier": Argument(
            name="tier",
            wire_name="tier",
            generated_name="tier",
            location="body",
            required=False,
            default=None,
            description="How long a memory is kept. `short` expires 24 hours after its creation and loses about a tenth of its relevance an hour; `medium` fades over days; `long` is kept and fades over months.",
            schema={"type": "string", "enum": ["short", "medium", "long"]},
        ),
        "memory_nature": Argument(
            name="memory_nature",
            wire_name="memory_nature",
            generated_name="memory_nature",
            location="body",
            required=False,
            default=None,
            description="`semantic` for facts, concepts and preferences; `episodic` for events and interactions, bound to a time.",
            schema={"type": "string", "enum": ["episodic", "semantic"]},
        ),
        "tags": Argument(
            name="tags",
            wire_name="tags",
            generated_name="tags",
            location="body",
            required=False,
            default=None,
            description="Only memories that carry all of these tags, by name.",
            schema={"type": "array", "items": {"type": "string"}},
        ),
        "entities": Argument(
            name="entities",
            wire_name="entities",
            generated_name="entities",
            location="body",
            required=False,
            default=None,
            description="Only memories that refer to all of these entities, by id.",
            schema={"type": "array", "items": {"type": "string"}},
        ),
    },
    body_rules={
        "anyOf": [{"required": ["query"]}, {"required": ["embedding"]}],
        "additionalProperties": False,
    },
)
get_context: Operation[typed_dicts.ContextResponse] = Operation(
    name="get_context",
    summary="Get a context",
    description="Selects the memories that matter most for the query and formats them for a prompt, within a budget of tokens. No threshold is applied. A memory that is used counts as accessed.",
    method="POST",
    path="/context",
    module="memoryos_api.api.context.get_context",
    scopes=("search:read",),
    successes=(200,),
    errors={
        400: "VALIDATION_ERROR",
        401: "UNAUTHORIZED",
        403: "FORBIDDEN",
        413: "PAYLOAD_TOO_LARGE",
        422: "VALIDATION_ERROR",
        429: "RATE_LIMIT_EXCEEDED",
        500: "INTERNAL_ERROR",
        503: "UNAVAILABLE",
    },
    body="ContextRequest",
    response="ContextEnvelope",
    result="ContextResponse",
    response_kind="item",
    arguments={
        "query": Argument(
            name="query",
            wire_name="query",
            generated_name="query",
            location="body",
            required=True,
            default=None,
            description="What the prompt is about.",
            schema={"type": "string", "minLength": 1},
        ),
        "max_tokens": Argument(
            name="max_tokens",
            wire_name="max_tokens",
            generated_name="max_tokens",
            location="body",
            required=False,
            default=4000,
            description="How many tokens the context may have at most.",
            schema={"type": "integer", "minimum": 0},
        ),
        "tier": Argument(
            name="tier",
            wire_name="tier",
            generated_name="tier",
            location="body",
            required=False,
            default=None,
            description="How long a memory is kept. `short` expires 24 hours after its creation and loses about a tenth of its relevance an hour; `medium` fades over days; `long` is kept and fades over months.",
            schema={"type": "string", "enum": ["short", "medium", "long"]},
        ),
        "format": Argument(
            name="format",
            wire_name="format",
            generated_name="format_",
            location="body",
            required=False,
            default="text",
            description="The form of a context, `text` for prose or `json` for a JSON document.",
            schema={"type": "string", "enum": ["text", "json"]},
        ),
    },
    body_rules={"additionalProperties": False},
)
list_tags: Operation[typed_dicts.TagPage] = Operation(
    name="list_tags",
    summary="List tags",
    description="One page of the tags, with the number of memories that carry each.",
    method="GET",
    path="/tags",
    module="memoryos_api.api.tags.list_tags",
    scopes=("memories:read",),
    successes=(200,),
    errors={
        400: "VALIDATION_ERROR",
        401: "UNAUTHORIZED",
        403: "FORBIDDEN",
        422: "VALIDATION_ERROR",
        429: "RATE_LIMIT_EXCEEDED",
        500: "INTERNAL_ERROR",
        503: "UNAVAILABLE",
    },
    body=None,
    response="TagPage",
    result="TagPage",
    response_kind="page",
    arguments={
        "limit": Argument(
            name="limit",
            wire_name="limit",
            generated_name="limit",
            location="query",
            required=False,
            default=50,
            description="How many items a page holds at most, from 1 to 100.",
            schema={"type": "integer", "minimum": 1, "maximum": 100},
        ),
        "offset": Argument(
            name="offset",
            wire_name="offset",
            generated_name="offset",
            location="query",
            required=False,
            default=0,
            description="How many items to skip.",
            schema={"type": "integer", "minimum": 0},
        ),
        "search": Argument(
            name="search",
            wire_name="search",
            generated_name="search",
            location="query",
            required=False,
            default=None,
            description="Only items whose name contains this, in upper or lower case.",
            schema={"type": "string"},
        ),
        "sort": Argument(
            name="sort",
            wire_name="sort",
            generated_name="sort",
            location="query",
            required=False,
            default="name",
            description="What to sort by.",
            schema={"type": "string", "enum": ["name", "memory_count", "created_at"]},
        ),
        "order": Argument(
            name="order",
            wire_name="order",
            generated_name="order",
            location="query",
            required=False,
            default="asc",
            description="Ascending or descending.",
            schema={"type": "string", "enum": ["asc", "desc"]},
        ),
    },
    body_rules={},
)
list_entities: Operation[typed_dicts.EntityPage] = Operation(
    name="list_entities",
    summary="List entities",
    description="One page of the entities that memories refer to.",
    method="GET",
    path="/entities",
    module="memoryos_api.api.entities.list_entities",
    scopes=("memories:read",),
    successes=(200,),
    errors={
        400: "VALIDATION_ERROR",
        401: "UNAUTHORIZED",
        403: "FORBIDDEN",
        422: "VALIDATION_ERROR",
        429: "RATE_LIMIT_EXCEEDED",
        500: "INTERNAL_ERROR",
        503: "UNAVAILABLE",
    },
    body=None,
    response="EntityPage",
    result="EntityPage",
    response_kind="page",
    arguments={
        "limit": Argument(
            name="limit",
            wire_name="limit",
            generated_name="limit",
            location="query",
            required=False,
            default=50,
            description="How many items a page holds at most, from 1 to 100.",
            schema={"type": "integer", "minimum": 1, "maximum": 100},
        ),
        "offset": Argument(
            name="offset",
            wire_name="offset",
            generated_name="offset",
            location="query",
            required=False,
            default=0,
            description="How many items to skip.",
            schema={"type": "integer", "minimum": 0},
        ),
        "type": Argument(
            name="type",
            wire_name="type",
            generated_name="type_",
            location="query",
            required=False,
            default=None,
            description="Only entities of this type.",
            schema={"type": "string", "enum": ["person", "place", "thing", "organization"]},
        ),
        "search": Argument(
            name="search",
            wire_name="search",
            generated_name="search",
            location="query",
            required=False,
            default=None,
            description="Only items whose name contains this, in upper or lower case.",
            schema={"type": "string"},
        ),
    },
    body_rules={},
)
create_entity: Operation[typed_dicts.Entity] = Operation(
    name="create_entity",
    summary="Create an entity",
    description="Registers a person, place, thing or organization. Memories refer to it by its id, in their metadata under `entities`.",
    method="POST",
    path="/entities",
    module="memoryos_api.api.entities.create_entity",
    scopes=("memories:write",),
    successes=(200, 201),
    errors={
        400: "VALIDATION_ERROR",
        401: "UNAUTHORIZED",
        403: "FORBIDDEN",
        409: "CONFLICT",
        413: "PAYLOAD_TOO_LARGE",
        422: "VALIDATION_ERROR",
        429: "RATE_LIMIT_EXCEEDED",
        500: "INTERNAL_ERROR",
        503: "UNAVAILABLE",
    },
    body="EntityCreate",
    response="EntityEnvelope",
    result="Entity",
    response_kind="item",
    arguments={
        "idempotency_key": Argument(
            name="idempotency_key",
            wire_name="Idempotency-Key",
            generated_name="idempotency_key",
            location="header",
            required=False,
            default=None,
            description="A name for this creation, chosen by the client. A second request with the same key and the same body, within 24 hours, gets the first one's answer and creates nothing; with another body it is refused with 409. Printable ASCII without spaces.",
            schema={"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[!-~]+$"},
        ),
        "name": Argument(
            name="name",
            wire_name="name",
            generated_name="name",
            location="body",
            required=True,
            default=None,
            description="Its name.",
            schema={"type": "string", "minLength": 1},
        ),
        "type": Argument(
            name="type",
            wire_name="type",
            generated_name="type_",
            location="body",
            required=True,
            default=None,
            description="What an entity is.",
            schema={"type": "string", "enum": ["person", "place", "thing", "organization"]},
        ),
        "aliases": Argument(
            name="aliases",
            wire_name="aliases",
            generated_name="aliases",
            location="body",
            required=False,
            default=None,
            description="Its other names.",
            schema={"type": "array", "items": {"type": "string", "minLength": 1}},
        ),
        "metadata": Argument(
            name="metadata",
            wire_name="metadata",
            generated_name="metadata",
            location="body",
            required=False,
            default=None,
            description="Any JSON object. `tags`, a list of tag names, and `entities`, a list of entity ids, are what a search filters by.",
            schema={"type": "object", "additionalProperties": True},
        ),
    },
    body_rules={"additionalProperties": False},
)

OPERATIONS: Dict[str, Operation[Any]] = {
    operation.name: operation
    for operation in (
        create_memory,
        list_memories,
        get_memory,
        update_memory,
        delete_memory,
        search_memories,
        get_context,
        list_tags,
        list_entities,
        create_entity,
    )
}
"""By operationId, in the order of the contract."""

KEYWORDS = (
    "additionalProperties",
    "enum",
    "format",
    "items",
    "maxItems",
    "maxLength",
    "maximum",
    "minItems",
    "minLength",
    "minimum",
    "pattern",
    "type",
)
"""The JSON Schema keywords that the arguments' schemas use."""

__all__ = [
    "KEYWORDS",
    "OPERATIONS",
    "Argument",
    "Operation",
    "create_entity",
    "create_memory",
    "delete_memory",
    "get_context",
    "get_memory",
    "list_entities",
    "list_memories",
    "list_tags",
    "search_memories",
    "update_memory",
]
