"""Every method of both clients: the request it sends, and what it hands out."""

from __future__ import annotations

import json
from typing import Any, Callable, Dict, NamedTuple, Optional

import httpx
import pytest

from memoryos import __version__
from memoryos_api.operations import OPERATIONS

from . import contract_answers as answers

pytestmark = pytest.mark.anyio

ID = "550e8400-e29b-41d4-a716-446655440000"
VECTOR = [0.5] * 1536
MEMORY = answers.memory(id=ID, content="tea", a_key_of_tomorrow={"deep": [None, 1.5]})
FOUND = answers.example("SearchResponse")["data"]
CONTEXT = answers.example("ContextResponse")["data"]
ENTITY = answers.entity(id=ID, name="Ada")
TAGS = answers.example("TagPage")["data"]
PAGE_META = {"total": 1, "limit": 50, "offset": 0, "has_more": False, "request_id": "req_1"}


class Scenario(NamedTuple):
    """A call, the request that it is to send, and the data that answers it."""

    operation: str
    call: Callable[[Any], Any]
    path: str
    data: Any
    query: Optional[Dict[str, str]] = None
    body: Optional[Dict[str, Any]] = None
    idempotency_key: Optional[str] = None


SCENARIOS = {
    "create": Scenario(
        "create_memory",
        lambda client: client.memories.create("tea"),
        "/memories",
        MEMORY,
        body={"content": "tea", "tier": "short", "content_type": "text"},
    ),
    "create with everything": Scenario(
        "create_memory",
        lambda client: client.memories.create(
            content="tea",
            tier="long",
            content_type="fact",
            memory_nature="semantic",
            parent_memory_id=ID,
            metadata={"tags": ["drinks"], "none": None},
            external_id="e",
            source_id="s",
            importance_score=0,
            idempotency_key="my-key",
        ),
        "/memories",
        MEMORY,
        body={
            "content": "tea",
            "tier": "long",
            "content_type": "fact",
            "memory_nature": "semantic",
            "parent_memory_id": ID,
            "metadata": {"tags": ["drinks"], "none": None},
            "external_id": "e",
            "source_id": "s",
            "importance_score": 0,
        },
        idempotency_key="my-key",
    ),
    "list": Scenario(
        "list_memories",
        lambda client: client.memories.list(),
        "/memories",
        [MEMORY],
        query={"limit": "50", "offset": "0"},
    ),
    "list with everything": Scenario(
        "list_memories",
        lambda client: client.memories.list(
            limit=1,
            offset=2,
            tier="long",
            content_type="fact",
            memory_nature="episodic",
            min_relevance=0,
        ),
        "/memories",
        [],
        query={
            "limit": "1",
            "offset": "2",
            "tier": "long",
            "content_type": "fact",
            "memory_nature": "episodic",
            "min_relevance": "0",
        },
    ),
    "get": Scenario(
        "get_memory", lambda client: client.memories.get(ID), f"/memories/{ID}", MEMORY
    ),
    "update": Scenario(
        "update_memory",
        lambda client: client.memories.update(ID, tier="long"),
        f"/memories/{ID}",
        MEMORY,
        body={"tier": "long"},
    ),
    "update with everything": Scenario(
        "update_memory",
        lambda client: client.memories.update(
            memory_id=ID,
            content="tea",
            tier="medium",
            importance_score=1,
            memory_nature="semantic",
            metadata={},
        ),
        f"/memories/{ID}",
        MEMORY,
        body={
            "content": "tea",
            "tier": "medium",
            "importance_score": 1,
            "memory_nature": "semantic",
            "metadata": {},
        },
    ),
    "delete": Scenario(
        "delete_memory",
        lambda client: client.memories.delete(ID),
        f"/memories/{ID}",
        {"deleted": True},
    ),
    "search": Scenario(
        "search_memories",
        lambda client: client.search("tea"),
        "/search",
        FOUND,
        body={"query": "tea", "threshold": 0.7, "limit": 20},
    ),
    "search with everything": Scenario(
        "search_memories",
        lambda client: client.search(
            query="tea",
            embedding=tuple(VECTOR),
            threshold=0,
            limit=100,
            tier="short",
            memory_nature="episodic",
            tags=["drinks"],
            entities=[ID],
        ),
        "/search",
        FOUND,
        body={
            "query": "tea",
            "embedding": VECTOR,
            "threshold": 0,
            "limit": 100,
            "tier": "short",
            "memory_nature": "episodic",
            "tags": ["drinks"],
            "entities": [ID],
        },
    ),
    "context": Scenario(
        "get_context",
        lambda client: client.get_context("tea"),
        "/context",
        CONTEXT,
        body={"query": "tea", "max_tokens": 4000, "format": "text"},
    ),
    "context with everything": Scenario(
        "get_context",
        lambda client: client.get_context(query="tea", max_tokens=5, tier="long", format="json"),
        "/context",
        CONTEXT,
        body={"query": "tea", "max_tokens": 5, "tier": "long", "format": "json"},
    ),
    "tags": Scenario(
        "list_tags",
        lambda client: client.tags.list(),
        "/tags",
        TAGS,
        query={"limit": "50", "offset": "0", "sort": "name", "order": "asc"},
    ),
    "tags with everything": Scenario(
        "list_tags",
        lambda client: client.tags.list(
            limit=9, offset=1, search="a&b=ü c", sort="memory_count", order="desc"
        ),
        "/tags",
        [],
        query={
            "limit": "9",
            "offset": "1",
            "search": "a&b=ü c",
            "sort": "memory_count",
            "order": "desc",
        },
    ),
    "entities": Scenario(
        "list_entities",
        lambda client: client.entities.list(),
        "/entities",
        [ENTITY],
        query={"limit": "50", "offset": "0"},
    ),
    "entities with everything": Scenario(
        "list_entities",
        lambda client: client.entities.list(limit=9, offset=1, type="person", search="ada"),
        "/entities",
        [],
        query={"limit": "9", "offset": "1", "type": "person", "search": "ada"},
    ),
    "create an entity": Scenario(
        "create_entity",
        lambda client: client.entities.create("Ada", "person"),
        "/entities",
        ENTITY,
        body={"name": "Ada", "type": "person"},
    ),
    "create an entity with everything": Scenario(
        "create_entity",
        lambda client: client.entities.create(
            name="Ada",
            type="person",
            aliases=["Countess"],
            metadata={"born": 1815},
            idempotency_key="my-key",
        ),
        "/entities",
        ENTITY,
        body={
            "name": "Ada",
            "type": "person",
            "aliases": ["Countess"],
            "metadata": {"born": 1815},
        },
        idempotency_key="my-key",
    ),
}

each_scenario = pytest.mark.parametrize(
    "scenario", SCENARIOS.values(), ids=[name.replace(" ", "-") for name in SCENARIOS]
)
each_way = pytest.mark.parametrize("through_httpx", [False, True], ids=["own", "httpx"])


def client_of(api, *, through_httpx):
    """Make a client on connections of its own, or on an httpx client of the caller's."""
    return api.client(http_client=api.http_client()) if through_httpx else api.client()


def answer_to(scenario):
    """Make the service's answer, in its envelope."""
    envelope = {"data": scenario.data, "meta": PAGE_META, "a_key_of_tomorrow": 1}
    return httpx.Response(200, json=envelope)


def handed_out(scenario):
    """Return what the method is to hand out: `data`, and of a list `meta` too."""
    page = isinstance(scenario.data, list)
    return {"data": scenario.data, "meta": PAGE_META} if page else scenario.data


async def request_of(api, scenario, client):
    """Make the call, check what it hands out, and return the one request that it sent."""
    api.router.route().mock(return_value=answer_to(scenario))
    assert await api.done(scenario.call(client)) == handed_out(scenario)
    assert api.router.calls.call_count == 1
    return api.router.calls.last.request


@each_way
@each_scenario
async def test_a_call_sends_its_request_and_hands_out_the_data(api, scenario, through_httpx):
    """Method, path, query and body are the contract's; the answer is the wire's, untouched."""
    request = await request_of(api, scenario, client_of(api, through_httpx=through_httpx))
    assert request.method == OPERATIONS[scenario.operation].method
    assert request.url.path == "/v1" + scenario.path
    assert dict(request.url.params) == (scenario.query or {})
    assert (json.loads(request.content) if request.content else None) == scenario.body


@each_way
@each_scenario
async def test_a_call_sends_its_headers(api, scenario, through_httpx):
    """Key, name and version, content type; an idempotency key where something is created."""
    request = await request_of(api, scenario, client_of(api, through_httpx=through_httpx))
    headers = request.headers
    assert headers["authorization"] == f"Bearer {api.key}"
    assert headers["user-agent"] == f"memoryos-python/{__version__}"
    assert headers["accept"] == "application/json"
    assert headers["host"] == "memory.test"
    assert headers.get("content-type") == ("application/json" if scenario.body else None)
    assert ("idempotency-key" in headers) is scenario.operation.startswith("create_")
    assert scenario.idempotency_key in (None, headers.get("idempotency-key"))


def test_every_operation_has_a_scenario():
    """An operation that joins the contract joins this table."""
    assert {scenario.operation for scenario in SCENARIOS.values()} == set(OPERATIONS)


async def test_two_creations_have_two_idempotency_keys(api):
    """Each call is a creation of its own."""
    api.router.route().mock(return_value=answer_to(SCENARIOS["create"]))
    client = api.client()
    for _ in range(2):
        await api.done(client.memories.create("tea"))
    keys = [call.request.headers["idempotency-key"] for call in api.router.calls]
    assert len(set(keys)) == 2


@each_way
async def test_the_callers_headers_are_sent(api, through_httpx):
    """With every request, beside the SDK's own."""
    http_client = api.http_client() if through_httpx else None
    client = api.client(headers={"X-Custom-Header": "value"}, http_client=http_client)
    request = await request_of(api, SCENARIOS["get"], client)
    assert request.headers["x-custom-header"] == "value"
    assert request.headers["authorization"] == f"Bearer {api.key}"


@pytest.mark.parametrize("slash", ["", "/", "//"])
async def test_the_address_may_end_in_a_slash(api, slash):
    """It can be read from the client, without the slash."""
    client = api.client(base_url=api.base_url + slash)
    assert client.base_url == api.base_url
    request = await request_of(api, SCENARIOS["get"], client)
    assert str(request.url) == f"{api.base_url}/memories/{ID}"


async def test_the_address_comes_from_the_environment(api, monkeypatch):
    """Key and address of a server on this machine are two exported lines."""
    monkeypatch.setenv("MEMORY_OS_API_KEY", "mos_test_environment")
    monkeypatch.setenv("MEMORY_OS_BASE_URL", api.base_url)
    client = api.client(api_key=None, base_url=None)
    request = await request_of(api, SCENARIOS["get"], client)
    assert request.headers["authorization"] == "Bearer mos_test_environment"


async def test_a_deletion_may_be_answered_with_no_content(api):
    """204 is a success without a body."""
    api.router.delete(f"/memories/{ID}").respond(204)
    assert await api.done(api.client().memories.delete(ID)) == {"deleted": True}


@pytest.mark.parametrize("status", [200, 201])
async def test_a_creation_may_be_answered_with_either_status(api, status):
    """The documentation names none for the creation."""
    api.router.post("/memories").respond(status, json=answers.success(MEMORY))
    assert await api.done(api.client().memories.create("tea")) == MEMORY
