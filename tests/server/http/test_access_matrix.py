"""Every operation by every way of not being allowed: on the real service, with a real file.

What is refused changes nothing, and says nothing about what there is.
"""

from __future__ import annotations

import json
import re
from contextlib import closing
from datetime import datetime, timedelta, timezone

import httpx
import pytest

from memoryos_server.contract.routes import admin_contract, default_contract
from memoryos_server.embedders.hashing_embedder import HashingEmbedder
from memoryos_server.http.dispatch import Dispatcher
from memoryos_server.service.api_keys import key_id
from memoryos_server.service.operations import open_service

ALL = ("memories:read", "memories:write", "search:read", "admin")
SECRET = "Ada's safe opens with 4711"
CONTRACTS = (default_contract(), admin_contract())
CONTRACT = tuple(operation for contract in CONTRACTS for operation in contract.operations)
BODIES = {
    "create_memory": {"content": "x"},
    "update_memory": {"content": "y"},
    "search_memories": {"query": SECRET, "threshold": 0},
    "get_context": {"query": SECRET},
    "create_entity": {"name": "x", "type": "thing"},
    "create_api_key": {"scopes": ["admin"], "name": "over HTTP"},
}
OPERATIONS = {
    o.operation_id: (o.method, contract.base_path + o.path, BODIES.get(o.operation_id))
    for contract in CONTRACTS
    for o in contract.operations
}
NEEDED = {o.operation_id: next(iter(o.scopes)) for o in CONTRACT}
every_operation = pytest.mark.parametrize("operation", OPERATIONS)


class World:
    """A Memory OS with Ada's memory in it, and keys of every kind."""

    def __init__(self, path):
        self.service = open_service(path, embedder=HashingEmbedder())
        self._dispatcher = Dispatcher(self.service)
        self.ada = self.service.create_key(owner="ada", scopes=ALL)
        body = {"content": SECRET, "tier": "long", "metadata": {"tags": ["secret"]}}
        self.memory = self.call(self.ada, "POST", "/v1/memories", body).json()["data"]
        entity = {"name": "Ada Okafor", "type": "person"}
        self.entity = self.call(self.ada, "POST", "/v1/entities", entity).json()["data"]

    def key(self, kind):
        if kind == "revoked":
            key = self.service.create_key(owner="ada", scopes=ALL)
            assert self.call(key, "GET", "/v1/tags").status_code == 200
            newest = self.service.list_keys()[-1]
            self.service.revoke_key(newest.id)
            return key
        if kind == "expired":
            past = datetime.now(timezone.utc) - timedelta(seconds=1)
            return self.service.create_key(owner="ada", scopes=ALL, expires_at=past)
        return {
            "missing": None,
            "malformed": self.ada.removeprefix("mos_"),
            "cut": self.ada[:-1],
            "altered": self.ada[:-1] + ("A" if self.ada[-1] != "A" else "B"),
            "unknown": "mos_test_" + "x" * 32,
            "its hash": self.service.list_keys()[0].hash,
        }[kind]

    def call(self, key, method, path, body=None):
        headers = [] if key is None else [(b"Authorization", f"Bearer {key}".encode())]
        content = b"" if body is None else json.dumps(body).encode()
        path = path.replace("{key_id}", key_id(self.ada))
        path = path.replace("{memory_id}", getattr(self, "memory", {"id": ""})["id"])
        answer = self._dispatcher.handle(method, path, b"", headers, content)
        return httpx.Response(answer.status, headers=answer.headers, content=answer.body)

    def state(self):
        """Everything that Ada has, as she sees it, without what reading changes."""
        memories = self.call(self.ada, "GET", "/v1/memories").json()["data"]
        assert all(memory.pop("relevance_score") for memory in memories)
        entities = self.call(self.ada, "GET", "/v1/entities").json()["data"]
        keys = self.call(self.ada, "GET", "/admin/keys").json()["data"]
        kept = [key for key in keys if key["id"] == key_id(self.ada) or key["name"] == "over HTTP"]
        return memories, entities, self.call(self.ada, "GET", "/v1/tags").json()["data"], kept


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    world = World(tmp_path_factory.mktemp("matrix") / "m.db")
    with closing(world.service):
        yield world


@every_operation
@pytest.mark.parametrize(
    "kind",
    ["missing", "malformed", "cut", "altered", "unknown", "its hash", "expired", "revoked"],
)
def test_without_a_valid_key_nothing_is_answered_or_changed(world, operation, kind, is_documented):
    """401, the same words whatever is wrong with the key, and all is as before."""
    before = world.state()
    response = world.call(world.key(kind), *OPERATIONS[operation])
    is_documented(operation, response)
    assert response.status_code == 401
    error = response.json()["error"]
    assert error["code"] == "UNAUTHORIZED"
    assert error["message"].startswith("Missing" if kind == "missing" else "Invalid API key")
    assert SECRET not in response.text
    assert world.state() == before


@every_operation
def test_every_scope_but_the_needed_one_is_not_enough(world, operation, is_documented):
    """403, the missing scope named, and all is as before; it alone is enough."""
    before = world.state()
    needed = NEEDED[operation]
    others = [scope for scope in ALL if scope != needed]
    key = world.service.create_key(owner="ada", scopes=others)
    response = world.call(key, *OPERATIONS[operation])
    is_documented(operation, response)
    assert response.status_code == 403
    assert response.json()["error"]["message"] == f"Missing scope: {needed}"
    assert SECRET not in response.text
    assert world.state() == before
    method, path, body = OPERATIONS[operation]
    if operation != "delete_memory":
        alone = world.service.create_key(owner=f"{operation} alone", scopes=[needed])
        assert world.call(alone, method, path, body).status_code in {200, 404}


@every_operation
def test_another_owner_finds_nothing_and_changes_nothing(world, operation, is_documented):
    """An id of somebody else is as unknown as one that never was: same status, same words."""
    before = world.state()
    key = world.service.create_key(owner="eve", scopes=["*"])
    method, path, body = OPERATIONS[operation]
    response = world.call(key, method, path, body)
    is_documented(operation, response)
    if "{" in path:
        never = re.sub("{.+}", "00000000-0000-4000-8000-000000000000", path)
        unknown = world.call(key, method, never, body)
        assert response.status_code == unknown.status_code == 404
        assert response.json()["error"] == unknown.json()["error"]
    else:
        assert response.status_code == 200
    assert SECRET not in response.text
    assert world.entity["id"] not in response.text
    assert world.memory["id"] not in response.text
    assert world.state() == before


@every_operation
def test_a_key_with_tags_finds_and_changes_nothing_without_them(world, operation, is_documented):
    """Although the owner is the same."""
    before = world.state()
    key = world.service.create_key(owner="ada", scopes=["*"], scope={"user": operation})
    response = world.call(key, *OPERATIONS[operation])
    is_documented(operation, response)
    assert response.status_code == (404 if "{" in OPERATIONS[operation][1] else 200)
    for secret in (SECRET, "secret", world.entity["id"], world.memory["id"]):
        assert secret not in response.text
    for old, new in zip(before, world.state(), strict=True):
        assert [one for one in new if one in old] == old


def test_another_owners_ids_are_no_use_in_a_body_either(world):
    """As a parent, as an entity to filter by, and as a tag."""
    before = world.state()
    key = world.service.create_key(owner="mallory", scopes=["*"])
    child = {"content": "child", "parent_memory_id": world.memory["id"]}
    assert world.call(key, "POST", "/v1/memories", child).status_code == 400
    for labels in ({"entities": [world.entity["id"]]}, {"tags": ["secret"]}):
        answer = world.call(key, "POST", "/v1/search", {"query": SECRET, "threshold": 0, **labels})
        assert answer.json()["data"]["results"] == []
    assert world.state() == before


def test_an_idempotency_key_of_another_owner_tells_nothing(world):
    """Each owner has names of its own: no conflict, no answer of somebody else."""
    answers = []
    for owner in ("ada", "eve"):
        headers = [
            (b"Authorization", f"Bearer {world.service.create_key(owner=owner)}".encode()),
            (b"Idempotency-Key", b"the-same"),
        ]
        body = json.dumps({"content": f"of {owner}"}).encode()
        answer = world._dispatcher.handle("POST", "/v1/memories", b"", headers, body)
        answers.append(json.loads(answer.body)["data"])
    assert answers[0]["id"] != answers[1]["id"]
    assert [answer["content"] for answer in answers] == ["of ada", "of eve"]


def test_every_operation_is_tried_as_it_would_be_carried_out(tmp_path):
    """With all scopes each is a success: no refusal above is for what the request is."""
    assert all(len(o.scopes) == 1 for o in CONTRACT)
    for operation, request in OPERATIONS.items():
        own = World(tmp_path / f"{operation}.db")
        with closing(own.service):
            assert own.call(own.ada, *request).status_code == 200, operation
