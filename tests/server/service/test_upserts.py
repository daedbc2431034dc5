"""Upserts: one memory for each external id, changed only where something differs."""

from __future__ import annotations

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from memoryos_server.model.errors import ServiceError
from memoryos_server.model.timestamps import format_timestamp

from .test_writes import Counting, refused

pytestmark = pytest.mark.both_stores


def test_the_first_upsert_creates_and_later_ones_update(user, clock):
    first = user.upsert("likes tea", tier="long", metadata={"n": 1}, importance_score=0.9)
    assert user.list() == [first]
    clock.advance(seconds=1)
    second = user.upsert("likes coffee")
    assert second == {
        **first,
        "content": "likes coffee",
        "integrity_hash": second["integrity_hash"],
        "updated_at": second["updated_at"],
        "relevance_score": second["relevance_score"],
    }
    assert second["updated_at"] > first["updated_at"]
    assert user.list() == [second]
    assert user.found("likes coffee") == ["likes coffee"]
    assert user.found("tea") == []


def test_all_given_fields_are_set(user, clock):
    parent = user.create("parent", tier="long")
    user.upsert("likes tea", tags=["a"], metadata={"n": 1, "entities": ["e1"]})
    clock.advance(seconds=1)
    given = {
        "tier": "long",
        "content_type": "fact",
        "memory_nature": "semantic",
        "importance_score": 0.1,
        "parent_memory_id": parent["id"],
        "source_id": "s",
        "created_at": "2026-11-01T00:00:00.000000Z",
        "access_count": 4,
        "last_accessed_at": "2026-11-02T00:00:00.000000Z",
        "expires_at": "2027-01-01T00:00:00.000000Z",
    }
    after = user.upsert("likes tea", tags=["b"], metadata={"m": 2}, **given)
    assert {name: after[name] for name in given} == given
    assert after["metadata"] == {"m": 2, "entities": ["e1"], "tags": ["b"]}
    assert user.list()[-1] == after
    assert user.found("likes tea", tags=["b"], content_type="fact") == ["likes tea"]


def test_an_equal_upsert_changes_nothing_and_embeds_nothing(start, user_of, embedder, clock):
    counting = Counting(embedder)
    user = user_of(start(embedder=counting))
    given = {"tier": "long", "metadata": {"n": 1.0, "tags": ["a"]}, "tags": ["b"]}
    first = user.upsert("likes tea", **given)
    clock.advance(seconds=1)
    for body in (given, {}, {"metadata": {"tags": ["a", "b"], "n": 1}}, {"tags": ["a", "b"]}):
        again = user.upsert("likes tea", **body)
        assert again == {**first, "relevance_score": again["relevance_score"]}
    assert counting.texts == ["likes tea"]
    assert user.upsert("likes tea", metadata={"n": True})["updated_at"] > first["updated_at"]
    assert user.list(metadata={"n": True})[0]["metadata"]["n"] is True
    assert counting.texts == ["likes tea"]
    assert user.list()[0]["access_count"] == 0


def test_a_memory_with_the_tags_of_two_users_is_not_updated_for_one(user):
    both = user.create("of both", external_id="e", tags=["user:ada", "user:bob", "x"])
    assert user.upsert("ada's", upsert_within=["user:ada", "x"])["id"] != both["id"]
    assert user.upsert("bob's", upsert_within=["user:bob", "user:ada"])["id"] != both["id"]
    assert user.get(both["id"])["content"] == "of both"
    assert user.upsert("x's", upsert_within=["x"])["id"] == both["id"]


def test_only_the_newest_memory_with_the_tags_is_updated(user, clock):
    bob = user.create("bob's", external_id="e", tags=["user:bob"], tier="long")
    old = user.create("old", external_id="e", tags=["user:ada"], tier="long")
    clock.advance(seconds=1)
    new = user.create("new", external_id="e", tags=["user:ada", "x"], tier="long")
    other = user.create("other", external_id="f", tags=["user:ada"], tier="long")
    clock.advance(seconds=1)
    after = user.upsert("changed", upsert_within=["user:ada"])
    assert after["id"] == new["id"]
    made = user.upsert("carl's", upsert_within=["user:carl"], tags=["user:carl"])
    assert user.upsert("carl's", upsert_within=["user:carl"])["id"] == made["id"]
    assert {one["id"]: one["content"] for one in user.list()} == {
        bob["id"]: "bob's",
        old["id"]: "old",
        new["id"]: "changed",
        other["id"]: "other",
        made["id"]: "carl's",
    }


def test_owners_share_no_external_ids(user, user_of):
    other = user_of(user.service, "other")
    other.upsert("theirs")
    user.upsert("mine")
    assert [one["content"] for one in other.list()] == ["theirs"]


def test_an_expired_memory_is_created_anew(user, clock):
    first = user.upsert("likes tea", tier="short")
    clock.advance(hours=25)
    assert user.upsert("likes tea")["id"] != first["id"]
    assert user.page().meta["total"] == 1


def test_what_an_upsert_needs(user):
    assert refused(user.upsert, "x", external_id=None) == (
        400,
        "VALIDATION_ERROR",
        "body.external_id: is required with upsert",
    )
    assert refused(user.create, "x", external_id="e", upsert_within=["a"]) == (
        400,
        "VALIDATION_ERROR",
        "body.upsert_within: needs upsert: true",
    )
    assert user.list() == []
    memory = user.upsert("x")
    for parent in (memory["id"], "550e8400-e29b-41d4-a716-446655440000"):
        status, _, message = refused(user.upsert, "x", parent_memory_id=parent)
        assert (status, message.split(":")[0]) == (400, "body.parent_memory_id")
    assert user.list() == [memory]


def test_the_parent_needs_the_tags_of_the_scope_only(user):
    parent = user.create("parent", tier="long", tags=["user:ada"])
    tags = ["user:ada", "notes"]
    for content in ("created", "updated"):
        memory = user.upsert(
            content, tags=tags, upsert_within=tags, parent_memory_id=parent["id"], tier="long"
        )
        assert memory["parent_memory_id"] == parent["id"]
    with pytest.raises(ServiceError, match="parent_memory_id"):
        user.upsert("x", upsert_within=["user:bob"], parent_memory_id=parent["id"])


def test_a_time_of_an_upsert_can_not_contradict_what_stays(user, clock):
    """Neither field is wrong by itself."""
    early, middle, late = (format_timestamp(clock.now - timedelta(days=n)) for n in (9, 5, 2))
    memory = user.upsert("x", created_at=early, last_accessed_at=middle)
    assert refused(user.upsert, "x", created_at=late) == (
        400,
        "VALIDATION_ERROR",
        "body.last_accessed_at: must not be before created_at",
    )
    assert user.list() == [memory]


def test_an_upsert_with_an_idempotency_key_runs_once(user, clock):
    first = user.upsert("likes tea", key="k", tier="long")
    clock.advance(seconds=1)
    changed = user.upsert("likes coffee")
    again = user.upsert("likes tea", key="k", tier="long")
    assert again == {**changed, "relevance_score": again["relevance_score"]}
    assert again["id"] == first["id"]
    with pytest.raises(ServiceError) as error:
        user.upsert("likes milk", key="k", tier="long")
    assert error.value.status == 409
    # The key of an update names the memory that it updated.
    user.upsert("likes milk", key="update")
    user.upsert("likes water")
    assert user.upsert("likes milk", key="update")["content"] == "likes water"
    user.delete(first["id"])
    assert user.upsert("likes milk", key="update")["id"] != first["id"]


def test_64_threads_leave_one_memory_with_what_one_of_them_wrote(user):
    texts = [f"likes drink {number}" for number in range(64)]
    with ThreadPoolExecutor(64) as threads:
        answers = list(threads.map(user.upsert, texts))
    [memory] = user.list()
    assert {answer["id"] for answer in answers} == {memory["id"]}
    assert memory["content"] in texts
    assert user.found(memory["content"], threshold=0.9) == [memory["content"]]
    assert user.search("likes", threshold=0)["results"][0]["content"] == memory["content"]


PROCESS = """
import sys
from memoryos_server.embedders.hashing_embedder import HashingEmbedder
from memoryos_server.model.caller import Caller
from memoryos_server.service.operations import open_service

place, name = sys.argv[1:]
service = open_service(place, embedder=HashingEmbedder())
caller = Caller("default", frozenset({"*"}))
for number in range(16):
    for external_id in ("e", "f"):
        body = {"content": f"{name} {number}", "external_id": external_id, "upsert": True}
        service.create_memory(caller, {}, {"tier": "long", "content_type": "text", **body})
service.close()
"""


def test_4_processes_leave_one_memory_for_each_key(place, start, user_of):
    start(place).list_keys()  # creates the tables
    command = [sys.executable, "-W", "error", "-c", PROCESS, str(place)]
    processes = [subprocess.Popen([*command, name]) for name in "abcd"]
    assert [process.wait(timeout=120) for process in processes] == [0] * 4
    user = user_of(start(place))
    assert sorted(one["external_id"] for one in user.list()) == ["e", "f"]
    assert all(one["content"].endswith(" 15") for one in user.list())


def test_threads_that_share_tags_keep_those_that_are_used(user):
    """A tag that one thread deletes with its last memory, another attaches at this moment."""

    def work(number):
        for step in range(12):
            tags = ["shared", f"tag {step % 3}"]
            one = user.create(f"{number} {step}", tier="long", tags=tags)
            user.update(one["id"], tags=["shared", f"tag {(step + number) % 3}"])
            user.delete(one["id"])
        return user.create(f"last of {number}", tier="long", tags=["shared", "last"])["id"]

    with ThreadPoolExecutor(8) as threads:
        made = list(threads.map(work, range(8)))
    assert {one["id"] for one in user.list(tags=["shared", "last"])} == set(made)
    counts = {tag["name"]: tag["memory_count"] for tag in user.tags().data}
    assert (counts["shared"], counts["last"]) == (8, 8)
    with ThreadPoolExecutor(8) as threads:
        list(threads.map(user.delete, made))
    assert {"shared", "last"}.isdisjoint(tag["name"] for tag in user.tags().data)
