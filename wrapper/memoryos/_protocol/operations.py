"""One function for each operation of the contract: arguments in, what to send out.

Pure. The rules for arguments, and the form of the request, come from the generated table.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Dict, FrozenSet, Generic, Mapping, Optional, TypeVar, cast

from memoryos._protocol.argument_errors import invalid_argument
from memoryos_api import operations as contract
from memoryos_api.types import path_segment

from . import json_codec, validation
from .responses import Expected

if TYPE_CHECKING:
    from typing import Iterable, Sequence

    from memoryos.types import (
        ContextResponse,
        Deletion,
        Entity,
        EntityPage,
        Memory,
        MemoryPage,
        SearchResponse,
        TagPage,
    )

T = TypeVar("T")


@dataclass(frozen=True)
class Operation(Generic[T]):
    """What to send, below the base URL; `T` is what the call hands out."""

    name: str
    method: str
    path: str
    query: Mapping[str, Any]
    headers: Mapping[str, str]
    content: Optional[bytes]
    expected: Expected
    model: str

    def __repr__(self) -> str:
        return f"Operation({self.name}, {self.method} {self.path})"  # content is the caller's own


def create_memory(
    content: str,
    tier: str,
    content_type: str,
    memory_nature: Optional[str],
    parent_memory_id: Optional[str],
    metadata: Optional[Mapping[str, Any]],
    external_id: Optional[str],
    source_id: Optional[str],
    importance_score: Optional[float],
    *,
    idempotency_key: Optional[str],
) -> Operation[Memory]:
    """Return the operation that stores a memory."""
    return _build(
        "create_memory",
        content=content,
        tier=tier,
        content_type=content_type,
        memory_nature=memory_nature,
        parent_memory_id=parent_memory_id,
        metadata=metadata,
        external_id=external_id,
        source_id=source_id,
        importance_score=importance_score,
        idempotency_key=_idempotency_key(idempotency_key),
    )


def list_memories(
    limit: int,
    offset: int,
    tier: Optional[str],
    content_type: Optional[str],
    memory_nature: Optional[str],
    min_relevance: Optional[float],
) -> Operation[MemoryPage]:
    """Return the operation that lists memories."""
    return _build(
        "list_memories",
        limit=limit,
        offset=offset,
        tier=tier,
        content_type=content_type,
        memory_nature=memory_nature,
        min_relevance=min_relevance,
    )


def get_memory(memory_id: str) -> Operation[Memory]:
    """Return the operation that gets a memory."""
    return _build("get_memory", memory_id=memory_id)


def update_memory(
    memory_id: str,
    content: Optional[str],
    tier: Optional[str],
    importance_score: Optional[float],
    memory_nature: Optional[str],
    metadata: Optional[Mapping[str, Any]],
) -> Operation[Memory]:
    """Return the operation that changes a memory."""
    return _build(
        "update_memory",
        memory_id=memory_id,
        content=content,
        tier=tier,
        importance_score=importance_score,
        memory_nature=memory_nature,
        metadata=metadata,
    )


def delete_memory(memory_id: str) -> Operation[Deletion]:
    """Return the operation that deletes a memory."""
    return _build("delete_memory", memory_id=memory_id)


def search_memories(
    query: Optional[str],
    embedding: Optional[Iterable[float]],
    threshold: float,
    limit: int,
    tier: Optional[str],
    memory_nature: Optional[str],
    tags: Optional[Sequence[str]],
    entities: Optional[Sequence[str]],
) -> Operation[SearchResponse]:
    """Return the operation that searches memories."""
    return _build(
        "search_memories",
        query=query,
        embedding=None if embedding is None else validation.numbers("embedding", embedding),
        threshold=threshold,
        limit=limit,
        tier=tier,
        memory_nature=memory_nature,
        tags=tags,
        entities=entities,
    )


def get_context(
    query: str,
    max_tokens: int,
    tier: Optional[str],
    format: str,
) -> Operation[ContextResponse]:
    """Return the operation that gets a context."""
    return _build("get_context", query=query, max_tokens=max_tokens, tier=tier, format=format)


def list_tags(
    limit: int, offset: int, search: Optional[str], sort: str, order: str
) -> Operation[TagPage]:
    """Return the operation that lists tags."""
    return _build("list_tags", limit=limit, offset=offset, search=search, sort=sort, order=order)


def list_entities(
    limit: int,
    offset: int,
    type: Optional[str],
    search: Optional[str],
) -> Operation[EntityPage]:
    """Return the operation that lists entities."""
    return _build("list_entities", limit=limit, offset=offset, type=type, search=search)


def create_entity(
    name: str,
    type: str,
    aliases: Optional[Sequence[str]],
    metadata: Optional[Mapping[str, Any]],
    *,
    idempotency_key: Optional[str],
) -> Operation[Entity]:
    """Return the operation that registers an entity."""
    return _build(
        "create_entity",
        name=name,
        type=type,
        aliases=aliases,
        metadata=metadata,
        idempotency_key=_idempotency_key(idempotency_key),
    )


def argument_names(operation_name: str) -> FrozenSet[str]:
    """Return the names of the arguments that an operation takes."""
    return frozenset(contract.OPERATIONS[operation_name].arguments)


def _idempotency_key(given: Optional[str]) -> str:
    """Return the caller's key, or a new one: made once, before the first attempt."""
    return os.urandom(16).hex() if given is None else given


def _build(operation_name: str, **arguments: Any) -> Operation[Any]:
    """Check the arguments against the contract, and put each where the contract wants it.

    The generated `_get_kwargs` gives the same request, by way of a model that is built, read once
    and dropped; a test holds the two together.
    """
    described = contract.OPERATIONS[operation_name]
    given = {name: value for name, value in arguments.items() if value is not None}
    _check(described, given)
    path = described.path
    query: Dict[str, Any] = {}
    headers: Dict[str, str] = {}
    body: Dict[str, Any] = {}
    for name, argument in described.arguments.items():
        if name not in given:
            if argument.location == "query" and argument.default is not None:
                query[argument.wire_name] = argument.default
        elif argument.location == "body":
            body[argument.wire_name] = _in_body(given[name], argument.schema)
        elif argument.location == "query":
            query[argument.wire_name] = given[name]
        elif argument.location == "header":
            headers[argument.wire_name.lower()] = given[name]
        else:
            path = path.replace(f"{{{argument.wire_name}}}", path_segment(name, given[name]))
    return Operation(
        operation_name,
        described.method,
        path,
        query,
        headers,
        None if described.body is None else _content(described, body),
        expected=_expected(described),
        model=described.answer or "",
    )


def _in_body(value: Any, schema: Mapping[str, Any]) -> Any:
    """Return a valid argument as the JSON encoder takes it."""
    if schema["type"] == "object":
        return cast("Any", value if isinstance(value, dict) else dict(value))
    return value.lower() if schema.get("format") == "uuid" else value


def _expected(described: contract.Operation) -> Expected:
    if described.method == "DELETE":
        return Expected.DELETION
    is_page = described.answer is not None and described.answer.endswith("Page")
    return Expected.PAGE if is_page else Expected.ITEM


def _check(described: contract.Operation, given: Mapping[str, Any]) -> None:
    for name, argument in described.arguments.items():
        if name in given:
            validation.check(name, given[name], argument.schema)
        elif argument.required:
            raise invalid_argument(name, "None", "must be given")
    if "anyOf" in described.body_rules:
        _check_choice(described, given)
    if "minProperties" in described.body_rules:
        _check_number_of_fields(described, given)


def _check_choice(described: contract.Operation, given: Mapping[str, Any]) -> None:
    choices = [choice["required"] for choice in described.body_rules["anyOf"]]
    if not any(all(name in given for name in choice) for choice in choices):
        names = " or ".join(" and ".join(choice) for choice in choices)
        raise invalid_argument(names, "neither", "must be given")


def _check_number_of_fields(described: contract.Operation, given: Mapping[str, Any]) -> None:
    fewest = described.body_rules["minProperties"]
    fields = [name for name, a in described.arguments.items() if a.location == "body"]
    if sum(name in given for name in fields) < fewest:
        raise invalid_argument(f"at least {fewest} of {', '.join(fields)}", "none", "must be given")


def _content(described: contract.Operation, body: Any) -> bytes:
    # What is sent under an idempotency key must be the same bytes wherever it is repeated.
    encode = (
        json_codec.encode if "idempotency_key" in described.arguments else json_codec.encode_fast
    )
    try:
        return encode(body)
    except RecursionError:
        raise invalid_argument("metadata", "more", "must be nested less deeply") from None
    except ValueError:  # an integer of more digits than Python writes
        raise invalid_argument(
            "metadata", "larger ones", "must hold numbers that can be written"
        ) from None
