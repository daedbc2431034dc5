"""Typed usage that the type checkers read strictly, and nobody runs.

What an application writes against the SDK, with the types that it may rely on.
"""

from __future__ import annotations

from array import array
from types import MappingProxyType
from typing import Any, Dict, List, Optional, Union

import httpx
from typing_extensions import TypedDict, assert_type

import memoryos
from memoryos import (
    AsyncMemoryOS,
    AsyncScopedMemoryOS,
    MemoryOS,
    MemoryOSError,
    RateLimitError,
    ScopedMemoryOS,
    ValidationError,
)
from memoryos._protocol.raw_response import RawResponse
from memoryos.exceptions import MemoryOSError as DocumentedError
from memoryos.testing import Clock, MemoryApi, MemoryServer, Sandbox, Waits, faults
from memoryos.types import (
    ContentType,
    ContextResponse,
    Deletion,
    Entity,
    EntityPage,
    Memory,
    MemoryNature,
    MemoryPage,
    SearchResponse,
    SearchResult,
    TagPage,
    Tier,
)
from memoryos_api import AuthenticatedClient, models
from memoryos_api.api.memories import list_memories

# The documentation's two typed functions, and their asynchronous twins.


def store_user_preference(client: MemoryOS, user_id: str, preference: str) -> Memory:
    return client.memories.create(
        content=preference,
        tier="long",
        content_type="fact",
        memory_nature="semantic",
        importance_score=0.8,
        metadata={"user_id": user_id},
    )


def get_user_context(client: MemoryOS, user_id: str, query: str) -> ContextResponse:
    return client.get_context(query=query, max_tokens=2000)


async def store_user_preference_async(client: AsyncMemoryOS, preference: str) -> Memory:
    return await client.memories.create(content=preference, tier="long", content_type="fact")


async def get_user_context_async(client: AsyncMemoryOS, query: str) -> ContextResponse:
    return await client.get_context(query=query, max_tokens=2000)


def every_method(client: MemoryOS, memory_id: str) -> None:
    memory: Memory = client.memories.get(memory_id)
    page: MemoryPage = client.memories.list(limit=50, offset=0, tier="long", min_relevance=0.7)
    updated: Memory = client.memories.update(memory["id"], tier="medium", metadata={"a": [1]})
    deleted: Deletion = client.memories.delete(updated["id"])
    found: SearchResponse = client.search("coffee", threshold=0.6, tags=["drinks"])
    tags: TagPage = client.tags.list(sort="memory_count", order="desc")
    entities: EntityPage = client.entities.list(type="person")
    entity: Entity = client.entities.create("Ada", "person", aliases=("Countess",))
    print(page["meta"]["has_more"], deleted["deleted"], found["search_type"], tags, entities)
    print(entity["id"], client.base_url.upper())
    client.close()


async def every_method_async(client: AsyncMemoryOS, memory_id: str) -> None:
    memory: Memory = await client.memories.get(memory_id)
    page: MemoryPage = await client.memories.list(limit=50, offset=0, tier="long")
    updated: Memory = await client.memories.update(memory["id"], tier="medium")
    deleted: Deletion = await client.memories.delete(updated["id"])
    found: SearchResponse = await client.search("coffee", threshold=0.6, tags=["drinks"])
    tags: TagPage = await client.tags.list(sort="memory_count", order="desc")
    entities: EntityPage = await client.entities.list(type="person")
    entity: Entity = await client.entities.create("Ada", "person", aliases=["Countess"])
    print(page["meta"]["total"], deleted["deleted"], found["results"], tags, entities, entity)
    await client.close()


def every_raw_method(client: MemoryOS, memory_id: str) -> None:
    raw = client.with_raw_response
    created = raw.memories.create("tea", tier="long", importance_score=0.5, idempotency_key="k")
    assert_type(created, RawResponse[Memory, models.Memory])
    assert_type(raw.memories.get(memory_id), RawResponse[Memory, models.Memory])
    assert_type(raw.memories.update(memory_id, content="t"), RawResponse[Memory, models.Memory])
    assert_type(raw.memories.delete(memory_id), RawResponse[Deletion, models.Deletion])
    assert_type(raw.memories.list(50, 0, tier="long"), RawResponse[MemoryPage, models.MemoryPage])
    found = raw.search("coffee", threshold=0.6)
    assert_type(found, RawResponse[SearchResponse, models.SearchResponse])
    context = raw.get_context("coffee", max_tokens=5)
    assert_type(context, RawResponse[ContextResponse, models.ContextResponse])
    assert_type(raw.tags.list(sort="name"), RawResponse[TagPage, models.TagPage])
    assert_type(raw.entities.list(type="person"), RawResponse[EntityPage, models.EntityPage])
    assert_type(raw.entities.create("Ada", "person"), RawResponse[Entity, models.Entity])
    tier: str = created.data["tier"]
    content: str = created.parsed.content
    print(tier, content, created.status + created.attempts, created.headers["etag"])


async def every_raw_method_async(client: AsyncMemoryOS, memory_id: str) -> None:
    raw = client.with_raw_response
    created = await raw.memories.create("tea", tier="long", importance_score=0.5)
    assert_type(created, RawResponse[Memory, models.Memory])
    assert_type(await raw.memories.delete(memory_id), RawResponse[Deletion, models.Deletion])
    found = await raw.search("coffee", threshold=0.6)
    assert_type(found, RawResponse[SearchResponse, models.SearchResponse])
    assert_type(await raw.tags.list(order="asc"), RawResponse[TagPage, models.TagPage])


def through_the_low_level_client(client: MemoryOS) -> None:
    low_level: AuthenticatedClient = client.low_level
    page = list_memories.sync(client=low_level, limit=2, tier="long")
    assert_type(page, Optional[Union[models.ErrorEnvelope, models.MemoryPage]])


async def through_the_low_level_client_async(client: AsyncMemoryOS) -> None:
    page = await list_memories.asyncio(client=client.low_level, limit=2)
    assert_type(page, Optional[Union[models.ErrorEnvelope, models.MemoryPage]])


def constructed(key: str) -> List[MemoryOS]:
    class Own(MemoryOS):
        """An application's own client."""

    def letters(texts: List[str]) -> List[List[float]]:
        return [[float(len(text)), 1.0] for text in texts]

    own: Own = Own.local(":memory:")
    return [
        own,
        MemoryOS.local(embedder="openai"),
        MemoryOS.local(":memory:", embedder=letters),
        MemoryOS(),
        MemoryOS(api_key=key),
        MemoryOS(key, "https://host/v1", 60, 5, {"X-Custom-Header": "value"}),
        MemoryOS(key, timeout=0.5, headers=MappingProxyType({"X": "y"}), deadline=10),
        MemoryOS(key, http_client=httpx.Client()),
    ]


def entered(key: str) -> Memory:
    with MemoryOS(key) as memory:
        return memory.memories.create("tea")


async def entered_async(key: str) -> Memory:
    async with AsyncMemoryOS(key, http_client=httpx.AsyncClient()) as memory:
        return await memory.memories.create("tea")


def results_are_typed(found: SearchResponse) -> Dict[str, float]:
    results: List[SearchResult] = found["results"]
    return {result["content"]: result["combined_score"] for result in results}


def a_memory_is_typed(memory: Memory) -> str:
    tier: Tier = memory["tier"]
    content_type: ContentType = memory["content_type"]
    nature: Optional[MemoryNature] = memory["memory_nature"]
    expires: Optional[str] = memory["expires_at"]
    importance = min(1, memory.get("importance_score", 0.5) + 0.1)
    metadata: Dict[str, Any] = memory["metadata"]
    return f"{tier} {content_type} {nature} {expires} {importance} {metadata}"


def embeddings_of_any_kind(client: MemoryOS) -> None:
    client.search(embedding=[0.5] * 1536)
    client.search(embedding=(0.5,) * 1536)
    client.search(embedding=array("f", [0.5] * 1536))
    client.search(embedding=range(1536))


def content_type_from_elsewhere(client: MemoryOS, content_type: str) -> Memory:
    # The documentation has a plain str here, and so have applications that take it as input.
    return client.memories.create("tea", content_type=content_type)


def errors_are_typed(error: MemoryOSError) -> str:
    documented: DocumentedError = error
    value_error: ValueError = ValidationError("VALIDATION_ERROR", "no", 400)
    wait: float = error.retry_after if isinstance(error, RateLimitError) else 0
    request_id: Optional[str] = error.request_id
    return f"{documented.code} {error.message} {error.status + 1} {request_id} {wait} {value_error}"


def version_is_text() -> str:
    return memoryos.__version__.upper()


# Tests of an application, with the fixtures of the pytest plugin.


def test_time(memoryos_local: MemoryOS, memoryos_clock: Clock) -> None:
    memoryos_local.memories.create("tea", tier="short")
    memoryos_clock.advance(hours=25)
    year: int = memoryos_clock.now.year
    assert year == 2026


def test_failures(memoryos_server: MemoryServer, memoryos_waits: Waits) -> None:
    memoryos_server.fail_next(status=429, retry_after=2)
    memoryos_server.fail_next(faults.HTML_200, operation="search_memories", times=2)
    memoryos_server.drop_after_commit()
    memoryos_server.latency(0.5)
    client: MemoryOS = memoryos_server.client(max_retries=0)
    calls: List[str] = memoryos_server.calls
    waited: float = sum(memoryos_waits)
    assert client.base_url
    assert calls
    assert waited


async def test_asynchronously(async_memoryos_local: AsyncMemoryOS) -> Memory:
    return await async_memoryos_local.memories.create("tea")


def test_answers(memoryos_api: MemoryApi) -> None:
    memoryos_api.get_memory.mock(return_value=memoryos_api.error(404))
    memoryos_api["search_memories"].respond(503)
    assert memoryos_api.search_memories.call_count == 0


def without_pytest() -> None:
    with Sandbox(Clock(), embedder="hashing") as sandbox, MemoryServer(sandbox) as server:
        environment: Dict[str, str] = server.environment
        stored: Memory = sandbox.client().memories.create("tea")
        assert environment
        assert stored


# Messages may be of the typed dictionaries of a chat API.


class ChatMessage(TypedDict):
    role: str
    content: str


def store_conversation(client: MemoryOS, messages: List[ChatMessage]) -> int:
    client.memories.add_messages([{"role": "user", "content": ["x"]}], session="s", start=None)
    report = client.memories.add_messages(messages, session="s", on_conflict="update")
    assert_type(report.stored, List[Memory])
    return report.next_position


def for_one_user(client: MemoryOS, user: str) -> Memory:
    view = client.scoped(user=user, agent="support")
    assert_type(view.scoped(session="s1"), ScopedMemoryOS)
    assert_type(view.with_options(timeout=1), ScopedMemoryOS)
    assert_type(view.scope, Dict[str, str])
    assert_type(view.memories.delete_all(confirm=True)["tags_may_remain"], bool)
    assert_type(view.search("tea"), SearchResponse)
    return view.memories.create("tea")


async def for_one_user_asynchronously(client: AsyncMemoryOS, user: str) -> Memory:
    view = client.scoped(user=user)
    assert_type(view.scoped(session="s1"), AsyncScopedMemoryOS)
    assert_type((await view.memories.delete_all(confirm=True))["deleted"], int)
    return await view.memories.create("tea")
