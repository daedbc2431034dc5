"""The whole server: every operation on the real service, by each way in, held to the contract."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
import threading
from contextlib import ExitStack, contextmanager
from pathlib import Path

import httpx
import pytest

from memoryos_server.embedders.hashing_embedder import HashingEmbedder
from memoryos_server.http.in_process import (
    LOCAL_BASE_URL,
    AsyncLocalTransport,
    LocalTransport,
    open_local,
)

UNKNOWN = "00000000-0000-4000-8000-000000000000"


@pytest.fixture
def in_process():
    service = open_local(":memory:", embedder=HashingEmbedder())
    with httpx.Client(transport=LocalTransport(service), base_url=LOCAL_BASE_URL) as client:
        yield client.request


@pytest.fixture
def in_process_async():
    service = open_local(":memory:", embedder=HashingEmbedder())
    client = httpx.AsyncClient(transport=AsyncLocalTransport(service), base_url=LOCAL_BASE_URL)
    yield lambda *args, **kwargs: asyncio.run(client.request(*args, **kwargs))
    asyncio.run(client.aclose())


@contextmanager
def served(data):
    """Run `memoryos serve` on `data`; yield a client, and see it stop in order."""
    command = ["-m", "memoryos", "serve", "--port", "0", "--data", data, "--json"]
    process = subprocess.Popen(
        [sys.executable, *command],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "MEMORY_OS_LOG": "warning"},
    )
    try:
        told = json.loads(process.stdout.readline())
        key = Path(told["api_key_file"]).read_text(encoding="ascii").strip()
        headers = {"Authorization": f"Bearer {key}"}
        with httpx.Client(base_url=told["base_url"], headers=headers, timeout=60) as client:
            yield client
        process.terminate()
        assert process.wait(60) == 0
    finally:
        if process.poll() is None:
            process.kill()
        process.communicate()


@pytest.fixture(scope="module")
def over_http():
    with served(":memory:") as client:
        yield client.request


@pytest.fixture(params=["in_process", "in_process_async", "over_http"])
def call(request, is_documented):
    """Send a request by one of the ways in; the answer has been held to the contract."""
    send = request.getfixturevalue(request.param)

    def call(operation, method, path, status=200, **kwargs):
        response = send(method, path, **kwargs)
        is_documented(operation, response)
        assert response.status_code == status, response.text
        return response.json()

    return call


def test_a_memory_lives_from_its_creation_to_its_deletion(call):
    """Create, get, change, list, find, use, delete: each answer is the contract's."""
    body = {
        "content": "Ada drinks her coffee black",
        "tier": "long",
        "metadata": {"tags": ["taste"], "ключ": [1, 2.5, None, True, {"a": "😀"}]},
        "importance_score": 1,
    }
    created = call("create_memory", "POST", "/memories", json=body)["data"]
    assert {name: created[name] for name in body} == body
    path = f"/memories/{created['id']}"
    got = call("get_memory", "GET", path.upper().replace("/MEMORIES", "/memories"))["data"]
    assert (got["id"], got["access_count"]) == (created["id"], 1)
    changed = call("update_memory", "PATCH", path, json={"tier": "medium", "metadata": {}})["data"]
    assert (changed["tier"], changed["metadata"]) == ("medium", {"tags": ["taste"]})
    listed = call("list_memories", "GET", "/memories", params={"tier": "medium", "limit": 1})
    assert [memory["id"] for memory in listed["data"]] == [created["id"]]
    assert (listed["meta"]["limit"], listed["meta"]["offset"]) == (1, 0)
    wanted = {"query": "Ada drinks her coffee black", "threshold": 0, "limit": 5}
    found = call("search_memories", "POST", "/search", json=wanted)["data"]
    assert created["id"] in [result["id"] for result in found["results"]]
    assert found["threshold"] == 0
    context = call("get_context", "POST", "/context", json={"query": "Ada's coffee"})["data"]
    assert "coffee black" in context["context"]
    assert call("delete_memory", "DELETE", path)["data"] == {"deleted": True}
    for operation, method, kwargs in (
        ("get_memory", "GET", {}),
        ("update_memory", "PATCH", {"json": {"tier": "long"}}),
        ("delete_memory", "DELETE", {}),
    ):
        error = call(operation, method, path, status=404, **kwargs)["error"]
        assert (error["code"], error["message"]) == ("NOT_FOUND", "Memory not found")


def test_entities_and_tags_are_created_and_listed(call):
    """With their filters."""
    ada = {"name": "Ada Okafor", "type": "person", "aliases": ["Ada"], "metadata": {"team": "x"}}
    entity = call("create_entity", "POST", "/entities", json=ada)["data"]
    assert {name: entity[name] for name in ada} == ada
    found = call("list_entities", "GET", "/entities", params={"type": "person", "search": "OKA"})
    assert entity["id"] in [one["id"] for one in found["data"]]
    body = {
        "content": "x",
        "metadata": {"tags": ["Reading", "writing"], "entities": [entity["id"]]},
    }
    call("create_memory", "POST", "/memories", json=body)
    query = {"search": "ing", "sort": "name", "order": "desc", "limit": 10}
    tags = call("list_tags", "GET", "/tags", params=query)
    assert [tag["name"] for tag in tags["data"]] == ["writing", "Reading"]
    assert (tags["meta"]["total"], tags["meta"]["has_more"]) == (2, False)


def test_the_same_idempotency_key_creates_once(call):
    """The first answer again; with another body a conflict."""
    for operation, path, body in (
        ("create_memory", "/memories", {"content": "once"}),
        ("create_entity", "/entities", {"name": "once", "type": "thing"}),
    ):
        headers = {"Idempotency-Key": f"key-for-{operation}"}
        first = call(operation, "POST", path, json=body, headers=headers)["data"]
        assert call(operation, "POST", path, json=body, headers=headers)["data"] == first
        other = {**body, "metadata": {"other": True}}
        error = call(operation, "POST", path, status=409, json=other, headers=headers)["error"]
        assert error["code"] == "CONFLICT"


def test_an_upsert_keeps_what_it_leaves_out(call):
    """Also what has a default in the contract, and would be set in a new memory."""
    body = {"content": "likes tea", "external_id": "upserted", "upsert": True}
    given = {"tier": "long", "content_type": "fact", "tags": ["upserted"], "importance_score": 1}
    first = call("create_memory", "POST", "/memories", json={**body, **given})["data"]
    assert call("create_memory", "POST", "/memories", json=body)["data"] == {
        **first,
        "relevance_score": first["relevance_score"],
    }
    changed = call("create_memory", "POST", "/memories", json={**body, "content": "x"})["data"]
    assert (changed["id"], changed["tier"], changed["content_type"]) == (
        first["id"],
        "long",
        "fact",
    )
    assert changed["metadata"] == {"tags": ["upserted"]}
    path = f"/memories/{first['id']}"
    stale = {"tier": "short", "if_updated_at": first["updated_at"]}
    error = call("update_memory", "PATCH", path, status=409, json=stale)["error"]
    assert error["code"] == "CONFLICT"
    new = {"tier": "short", "tags": ["new"], "if_updated_at": changed["updated_at"]}
    assert call("update_memory", "PATCH", path, json=new)["data"]["metadata"] == {"tags": ["new"]}


def test_what_the_contract_forbids_never_reaches_the_data(call):
    """A refused creation leaves nothing behind."""
    before = call("list_memories", "GET", "/memories")["meta"]["total"]
    for body in ({}, {"content": ""}, {"content": "x", "tier": "x"}, {"content": "x", "new": 1}):
        call("create_memory", "POST", "/memories", status=400, json=body)
    parent = {"content": "x", "parent_memory_id": UNKNOWN}
    call("create_memory", "POST", "/memories", status=400, json=parent)
    assert call("list_memories", "GET", "/memories")["meta"]["total"] == before


HOSTILE = [
    *("\0", " x", "\nx", "'", '"', "*", "a*", "%_", "(", "^a", "-x", "{}[]"),
    *("AND OR NOT", "NEAR(a b, 2)", "content:*", "'; DROP TABLE memories; --"),
    *("\u202eright to left", "😀", "é" * 2000),
]


@pytest.mark.parametrize("text", HOSTILE)
def test_no_text_upsets_the_server(text, in_process, is_documented):
    """Query languages, controls and long words in every field: kept as they are, never a 5xx."""
    labels = {"tags": [text], "entities": [text]}
    memory = {"content": text, "source_id": text, "metadata": {**labels, text: text}}
    entity = {"name": text, "type": "thing", "aliases": [text]}
    looking = {"search": text[:200]}
    requests = [
        ("create_memory", "POST", "/memories", {"json": memory}),
        ("create_entity", "POST", "/entities", {"json": entity}),
        ("search_memories", "POST", "/search", {"json": {"query": text, "threshold": 0}}),
        ("search_memories", "POST", "/search", {"json": {"query": text, **labels}}),
        ("get_context", "POST", "/context", {"json": {"query": text, "format": "json"}}),
        ("list_tags", "GET", "/tags", {"params": looking}),
        ("list_entities", "GET", "/entities", {"params": looking}),
    ]
    for operation, method, path, kwargs in requests:
        response = in_process(method, path, **kwargs)
        is_documented(operation, response)
        assert response.status_code == 200, response.text
    (kept,) = in_process("GET", "/memories").json()["data"]
    assert {name: kept[name] for name in memory} == memory


@pytest.mark.parametrize("offset", [2**63 - 1, 2**63, 10**90])
@pytest.mark.parametrize(
    ("operation", "path"),
    [("list_memories", "/memories"), ("list_tags", "/tags"), ("list_entities", "/entities")],
)
def test_no_offset_is_too_far(operation, path, offset, in_process, is_documented):
    """The contract sets no bound, so each is answered: with an empty page."""
    response = in_process("GET", path, params={"offset": str(offset)})
    is_documented(operation, response)
    assert (response.status_code, response.json()["data"]) == (200, [])


@pytest.mark.parametrize(
    ("operation", "path", "body", "status"),
    [
        ("get_context", "/context", {"query": "x", "max_tokens": 10**30}, 200),
        ("get_context", "/context", {"query": "x", "max_tokens": 0}, 200),
        ("search_memories", "/search", {"embedding": [10**400] * 1536}, 400),
        ("search_memories", "/search", {"embedding": [1e300] * 1536}, 400),
        ("search_memories", "/search", {"embedding": [0] * 1536}, 400),
        ("create_memory", "/memories", {"content": "x", "metadata": {"n": 10**300}}, 200),
        ("create_memory", "/memories", {"content": "x", "metadata": {"n": 10**400}}, 400),
    ],
)
def test_no_number_upsets_the_server(operation, path, body, status, in_process, is_documented):
    """Huge and empty ones are answered by the contract, never with a 5xx."""
    headers = {"Content-Type": "application/json"}
    response = in_process("POST", path, content=json.dumps(body), headers=headers)
    is_documented(operation, response)
    assert response.status_code == status


def test_threads_share_one_transport(in_process):
    """Eight threads write through one client; nothing is lost and nothing mixed up."""
    answers = {}

    def write(number):
        for index in range(10):
            text = f"{number}-{index}"
            answers[text] = in_process("POST", "/memories", json={"content": text}).json()["data"]

    threads = [threading.Thread(target=write, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert all(answer["content"] == text for text, answer in answers.items())
    listed = in_process("GET", "/memories", params={"limit": 100}).json()
    assert {m["id"]: m["content"] for m in listed["data"]} == {
        a["id"]: t for t, a in answers.items()
    }
    assert listed["meta"]["total"] == 80


def test_two_clients_and_a_server_share_one_file(tmp_path):
    """What one of them stores, the others find."""
    data = str(tmp_path / "shared.db")
    with ExitStack() as stack:
        clients = {"served": stack.enter_context(served(data))}
        for name in ("one", "two"):
            transport = LocalTransport(open_local(data))
            client = httpx.Client(transport=transport, base_url=LOCAL_BASE_URL)
            clients[name] = stack.enter_context(client)
        for name, client in clients.items():
            client.post("/memories", json={"content": f"from {name}", "tier": "long"})
        for client in clients.values():
            contents = {memory["content"] for memory in client.get("/memories").json()["data"]}
            assert contents == {f"from {name}" for name in clients}
            wanted = {"query": "from served", "threshold": 0}
            results = client.post("/search", json=wanted).json()["data"]["results"]
            assert {result["content"] for result in results} == contents
