"""`memoryos_api`: what it answers, where, and what it takes."""

from __future__ import annotations

import asyncio
import contextlib
import os

import httpx
import pytest

from memoryos import AsyncMemoryOS, MemoryOS, NotFoundError, RateLimitError, ServerError
from memoryos.contract_testing.contract import load_contract

from ...operation_calls import assert_calls_every_operation

CONTRACT = load_contract()
ID = "00000000-0000-4000-8000-00000000abcd"
HEADERS = {"Authorization": "Bearer mos_test_key"}
HOSTED = [server["url"] for server in CONTRACT.document["servers"]]

# One call of every operation. The answers are held to the contract by tests/exchange_validation.py.
CALLS = {
    "create_memory": lambda memory: memory.memories.create("tea", importance_score=0.25),
    "list_memories": lambda memory: memory.memories.list(limit=2),
    "get_memory": lambda memory: memory.memories.get(ID),
    "update_memory": lambda memory: memory.memories.update(ID, tier="medium"),
    "delete_memory": lambda memory: memory.memories.delete(ID),
    "search_memories": lambda memory: memory.search("tea", threshold=0.5),
    "get_context": lambda memory: memory.get_context("tea"),
    "list_tags": lambda memory: memory.tags.list(),
    "list_entities": lambda memory: memory.entities.list(),
    "create_entity": lambda memory: memory.entities.create("Ada", "person"),
}


@pytest.fixture
def memory(memoryos_api):
    """A client as an application makes it: by the environment."""
    with MemoryOS(max_retries=0) as memory:
        yield memory


def send(method, path, **request):
    """Send a request as code without the SDK would."""
    address = os.environ["MEMORY_OS_BASE_URL"] + path
    with httpx.Client(verify=False) as client:
        return client.request(method, address, **{"headers": HEADERS, **request})


def test_there_is_a_route_for_every_operation_of_the_contract(memoryos_api):
    """Nothing is left out here, either."""
    assert {route.name for route in memoryos_api.routes} == set(CONTRACT.operations)


def test_the_calls_carry_out_every_operation():
    """An operation that joins the contract joins the table above."""
    assert_calls_every_operation(CALLS)


@pytest.mark.parametrize("operation", CALLS)
def test_both_clients_get_an_answer_that_is_the_contracts(memoryos_api, memory, operation):
    """The same one; and the route tells that it was called."""

    async def call():
        async with AsyncMemoryOS() as other:
            return await CALLS[operation](other)

    assert asyncio.run(call()) == CALLS[operation](memory)
    assert getattr(memoryos_api, operation).call_count == 2
    assert memoryos_api[operation] is getattr(memoryos_api, operation)


def test_an_answer_fits_what_was_asked(memory):
    """The id of the path, the members that were sent, the threshold of a search."""
    created = memory.memories.create("tea", tier="medium", metadata={"tags": ["drinks"]})
    assert (created["content"], created["tier"]) == ("tea", "medium")
    assert created["metadata"] == {"tags": ["drinks"]}
    assert memory.memories.get(ID)["id"] == ID
    updated = memory.memories.update(ID, importance_score=0.125)
    assert (updated["id"], updated["importance_score"]) == (ID, 0.125)
    assert memory.search("tea", threshold=0.25)["threshold"] == 0.25


def test_an_example_is_not_changed_by_what_was_asked(memoryos_api, memory):
    before = memoryos_api.example("get_memory")
    memory.memories.update(ID, tier="short")
    memory.memories.get(ID)["metadata"]["tags"].append("mine")
    assert memoryos_api.example("get_memory") == before


def test_pages_come_to_an_end(memory):
    """The contract's example says that another page follows; none would ever be the last."""
    first, second = memory.memories.list(), memory.memories.list(offset=1)
    assert first["meta"]["has_more"] is second["meta"]["has_more"] is False
    assert second == {"data": [], "meta": {**first["meta"], "offset": 1}}
    assert list(memory.memories.iterate()) == first["data"]


@pytest.mark.parametrize("base_url", HOSTED)
def test_the_hosted_addresses_are_answered_too(memoryos_api, base_url):
    """For code that does not read the environment."""
    with httpx.Client(verify=False) as http:
        answered = http.get(f"{base_url}/memories", headers=HEADERS)
    assert answered.json() == {
        **memoryos_api.example("list_memories"),
        "meta": answered.json()["meta"],
    }


def test_a_route_answers_as_it_is_told(memoryos_api, memory):
    """In respx's way; errors as the contract has them."""
    memoryos_api.search_memories.respond(json={"data": {"results": []}, "meta": {}})
    memoryos_api.get_memory.mock(return_value=memoryos_api.error(404))
    memoryos_api["create_memory"].mock(
        side_effect=[memoryos_api.error(429, retry_after=2), memoryos_api.error(500)]
    )
    with pytest.raises(NotFoundError) as not_found:
        memory.memories.get(ID)
    assert not_found.value.code == "NOT_FOUND"
    with pytest.raises(RateLimitError) as limited:
        memory.memories.create("tea")
    assert (limited.value.code, limited.value.retry_after) == ("RATE_LIMIT_EXCEEDED", 2)
    with pytest.raises(ServerError):
        memory.memories.create("tea")
    assert memory.memories.list()["data"]


@pytest.mark.off_contract(reason="an answer with a status that is no success")
def test_a_route_of_the_tests_own_comes_first(memoryos_api, memory):
    """And everything else on the network is respx's business, as ever."""
    memoryos_api.post(f"{memoryos_api.base_url}/search").respond(418)
    memoryos_api.get("https://elsewhere.test/tea").respond(json="black")
    assert send("POST", "/search", json={"query": "tea"}).status_code == 418
    with httpx.Client(verify=False) as http:
        assert http.get("https://elsewhere.test/tea").json() == "black"
        with pytest.raises(AssertionError, match="not mocked"):
            http.get("https://elsewhere.test/coffee")
    assert memory.memories.list()["data"]


def test_what_the_contract_does_not_know_is_an_error_here(memoryos_api):
    with pytest.raises(AttributeError, match="no operation serch_memories"):
        memoryos_api.serch_memories  # noqa: B018 - reading it is the test
    with pytest.raises(ValueError, match="418"):
        memoryos_api.error(418)


@pytest.mark.parametrize(
    "operation", [each.id for each in CONTRACT.operations.values() if each.body]
)
def test_every_example_of_a_request_is_taken(memoryos_api, operation):
    """The contract's own: a rule that refuses one of them is no rule of the contract."""
    found = CONTRACT.operations[operation]
    path = found.path.replace("{memory_id}", ID)
    examples = CONTRACT.request_examples(found)
    assert examples
    for example in examples:
        assert send(found.method, path, json=example).status_code in (200, 201)


@pytest.mark.parametrize(
    ("method", "path", "request_", "told"),
    [
        ("GET", "/nothing", {}, "the contract has no such path"),
        ("PUT", "/memories", {}, "the contract has no PUT here, only GET, POST"),
        ("GET", "/memories", {"headers": {}}, "the header Authorization is missing"),
        (
            "GET",
            "/tags",
            {"headers": {"Authorization": "Bearer sk-1"}},
            "must be `Bearer`, followed by a key",
        ),
        (
            "GET",
            "/tags",
            {"headers": {"Authorization": "mos_test_x"}},
            "must be `Bearer`, followed by a key",
        ),
        ("GET", "/memories?colour=red", {}, "query: unknown parameter colour"),
        ("GET", "/memories?limit=1000", {}, "query.limit: 1000 is greater than the maximum of 100"),
        ("GET", "/memories?limit=many", {}, "query.limit: 'many' is not of type 'integer'"),
        ("GET", "/memories?limit=1&limit=2", {}, "query.limit: sent 2 times"),
        ("GET", "/memories?tier=eternal", {}, "query.tier: 'eternal' is not one of"),
        ("GET", "/memories/5", {}, "path.memory_id: '5' is not a 'uuid'"),
        ("DELETE", f"/memories/{ID}", {"content": b"now"}, "body: must be empty"),
        ("POST", "/memories", {"json": {"content": 5}}, "body.content: 5 is not of type 'string'"),
        ("POST", "/memories", {"json": {"tier": "long"}}, "body: 'content' is a required property"),
        ("POST", "/memories", {"json": {"content": "tea", "colour": 1}}, "'colour' was unexpected"),
        (
            "POST",
            "/memories",
            {"content": b"{}"},
            "the header Content-Type must be application/json",
        ),
        ("POST", "/search", {"json": {"query": "tea", "limit": 0}}, "body.limit: 0 is less than"),
        ("POST", "/search", {"json": {}}, "'query' is a required property, or 'embedding' is"),
        ("POST", "/entities", {"json": {"name": "Ada", "type": "god"}}, "body.type: 'god' is not"),
        (
            "POST",
            "/memories",
            {"content": b"{", "headers": {**HEADERS, "Content-Type": "application/json"}},
            "body: not JSON",
        ),
    ],
)
def test_what_the_contract_does_not_allow_is_refused(memoryos_api, method, path, request_, told):
    """With the request's method and path, and what is wrong with it."""
    with pytest.raises(AssertionError) as caught:
        send(method, path, **request_)
    assert told in str(caught.value)
    assert str(caught.value).startswith(f"{method} /v1{path.partition('?')[0]} violates")
    assert memoryos_api.broken_rules == [str(caught.value)]
    memoryos_api.broken_rules.clear()  # or this test would fail for it


def test_a_key_is_never_shown(memoryos_api):
    with pytest.raises(AssertionError) as caught:
        send("GET", "/memories", headers={"Authorization": "Basic secret"})
    assert "secret" not in str(caught.value)
    memoryos_api.broken_rules.clear()


def test_every_rule_that_is_broken_is_told_at_once(memoryos_api):
    with pytest.raises(AssertionError) as caught:
        send("POST", "/memories?a=1", json={"tier": "eternal"}, headers={})
    assert len(str(caught.value).splitlines()) == 5
    memoryos_api.broken_rules.clear()


def test_the_client_hands_the_refusal_on(memoryos_api):
    """It is no outage, and so no MemoryOSError that an application would handle."""
    old = MemoryOS(base_url=f"{memoryos_api.base_url}/old")
    with contextlib.closing(old), pytest.raises(AssertionError, match="no such path"):
        old.memories.list()
    memoryos_api.broken_rules.clear()
