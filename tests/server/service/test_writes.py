"""The optional fields of a new and of a changed memory: tags, expiry, versions, imported times."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from memoryos_server.model.errors import ServiceError
from memoryos_server.model.timestamps import format_timestamp

pytestmark = pytest.mark.both_stores


@pytest.fixture
def at(clock):
    """The time of the clock, some time later or earlier, as the API has it."""

    def text(**step):
        return format_timestamp(clock.now + timedelta(**step))

    return text


def refused(call, *args, **body):
    with pytest.raises(ServiceError) as error:
        call(*args, **body)
    return error.value.status, error.value.code, error.value.message


def test_tags_are_joined_to_those_of_the_metadata(user):
    memory = user.create("likes tea", metadata={"tags": ["a", 7, "b"], "n": 1}, tags=["b", "c"])
    assert memory["metadata"] == {"tags": ["a", 7, "b", "c"], "n": 1}
    assert user.list() == [memory]
    assert [one["name"] for one in user.tags().data] == ["a", "b", "c"]
    assert user.found("likes tea", tags=["a", "c"]) == ["likes tea"]
    assert user.create("x", tags=[])["metadata"] == {}
    assert user.create("x", tags=["e\u0301", " \u00e9 "])["metadata"] == {"tags": ["e\u0301"]}
    status, _, message = refused(user.create, "x", metadata={"tags": "text"}, tags=["a"])
    assert (status, message) == (
        400,
        "body.metadata.tags: must be a list, because body.tags adds to them",
    )


def test_an_update_replaces_the_tags_whatever_the_metadata_says(user):
    memory = user.create("likes tea", tags=["a", "b"], metadata={"n": 1})
    after = user.update(memory["id"], tags=["c"])
    assert after["metadata"] == {"tags": ["c"], "n": 1}
    after = user.update(memory["id"], tags=["d"], metadata={"tags": ["e"], "m": 2})
    assert after["metadata"] == {"tags": ["d"], "m": 2}
    assert user.found("likes tea", tags=["d"]) == ["likes tea"]
    assert user.found("likes tea", tags=["e"]) == []
    assert user.update(memory["id"], tags=[])["metadata"] == {"tags": [], "m": 2}
    assert user.tags().data == []


def test_a_memory_expires_when_it_was_asked_to(user, clock, at):
    memory = user.create("likes tea", tier="long", expires_at=at(minutes=5))
    assert memory["expires_at"] == at(minutes=5)
    kept = user.create("drinks tea", tier="short", expires_at=at(days=30))
    clock.advance(minutes=5)
    assert [one["id"] for one in user.list()] == [kept["id"]]
    assert user.found("tea", threshold=0) == ["drinks tea"]
    after = user.update(kept["id"], expires_at=at(minutes=1).replace("Z", "+00:00"))
    assert after["expires_at"] == at(minutes=1)
    clock.advance(minutes=1)
    assert user.found("tea", threshold=0) == []


def test_a_memory_can_not_expire_in_the_past(user, at):
    memory = user.create("likes tea", tier="long")
    for call, first in ((user.create, "x"), (user.update, memory["id"])):
        for time in (at(), at(seconds=-1)):
            assert refused(call, first, expires_at=time) == (
                400,
                "VALIDATION_ERROR",
                "body.expires_at: must be in the future",
            )
    status, _, message = refused(user.create, "x", expires_at="9999-12-31T23:59:59-23:59")
    assert (status, message) == (400, "body.expires_at: is not within the years 1 to 9999")
    assert user.list() == [memory]


def test_a_move_to_another_tier_keeps_the_time_of_expiry_unless_it_is_short(user, at):
    memory = user.create("likes tea", tier="medium", expires_at=at(days=5))
    assert user.update(memory["id"], tier="long")["expires_at"] == at(days=5)
    assert user.update(memory["id"], tier="short")["expires_at"] == at(days=1)
    given = user.update(memory["id"], tier="long", expires_at=at(days=2))
    assert given["expires_at"] == at(days=2)
    user.update(memory["id"], tier="short")
    assert user.update(memory["id"], tier="long")["expires_at"] is None


def test_an_update_fails_if_another_was_first(user, clock):
    memory = user.create("likes tea")
    clock.advance(seconds=1)
    first = user.update(memory["id"], importance_score=1, if_updated_at=memory["updated_at"])
    status, code, message = refused(
        user.update, memory["id"], importance_score=0, if_updated_at=memory["updated_at"]
    )
    assert (status, code) == (409, "CONFLICT")
    assert first["updated_at"] in message
    assert user.list() == [first]
    # The same moment in another time zone.
    same = "2026-11-22T12:00:01.000000000+02:00"
    assert user.update(memory["id"], content="x", if_updated_at=same)["content"] == "x"


def test_an_update_fails_if_another_was_first_and_the_clock_was_set_back(user, clock):
    memory = user.create("likes tea")
    clock.advance(seconds=-60)
    first = user.update(memory["id"], importance_score=1, if_updated_at=memory["updated_at"])
    assert first["updated_at"] > memory["updated_at"]
    stale = {"importance_score": 0, "if_updated_at": memory["updated_at"]}
    assert refused(user.update, memory["id"], **stale)[:2] == (409, "CONFLICT")
    assert user.list() == [first]


def test_a_conflict_and_equal_content_cost_no_embedding(start, user_of, embedder, clock):
    counting = Counting(embedder)
    user = user_of(start(embedder=counting))
    memory = user.create("likes tea")
    clock.advance(seconds=1)
    user.update(memory["id"], content="likes tea", importance_score=1)
    refused(user.update, memory["id"], content="x", if_updated_at=memory["updated_at"])
    assert counting.texts == ["likes tea"]
    assert user.found("likes tea") == ["likes tea"]


class Counting:
    """An embedder that lists what it embeds, besides queries."""

    def __init__(self, embedder):
        self._embedder = embedder
        self.texts = []

    def __getattr__(self, name):
        return getattr(self._embedder, name)

    def embed(self, texts):
        self.texts += texts
        return self._embedder.embed(texts)


def test_an_imported_memory_keeps_its_past(user, clock, at):
    old = {"created_at": at(days=-9), "access_count": 7, "last_accessed_at": at(days=-2)}
    memory = user.create("likes tea", tier="medium", **old)
    assert {name: memory[name] for name in old} == old
    assert memory["updated_at"] == at()
    assert 0 < memory["relevance_score"] < 1
    assert user.list() == [memory]
    new = user.create("drinks tea", tier="medium")
    assert [one["id"] for one in user.list()] == [new["id"], memory["id"]]
    fresh, faded = (found["relevance_score"] for found in user.search("tea")["results"])
    assert fresh > faded
    clock.advance(seconds=1)
    assert user.get(memory["id"])["access_count"] == 9


def test_an_imported_short_memory_does_not_expire_at_once(user, clock, at):
    memory = user.create("likes tea", tier="short", created_at=at(days=-9))
    assert memory["expires_at"] == at(days=1)
    clock.advance(hours=23)
    assert [one["id"] for one in user.list()] == [memory["id"]]


def test_the_past_can_not_be_in_the_future_or_contradict_itself(user, at):
    for body, message in (
        ({"created_at": at(seconds=1)}, "body.created_at: must not be in the future"),
        ({"last_accessed_at": at(seconds=1)}, "body.last_accessed_at: must not be in the future"),
        (
            {"created_at": at(days=-1), "last_accessed_at": at(days=-2)},
            "body.last_accessed_at: must not be before created_at",
        ),
        (
            {"last_accessed_at": at(days=-2)},
            "body.last_accessed_at: must not be before created_at",
        ),
    ):
        assert refused(user.create, "x", **body) == (400, "VALIDATION_ERROR", message)
    assert user.list() == []


@pytest.mark.parametrize("name", ["created_at", "access_count", "last_accessed_at"])
def test_only_an_administrator_sets_the_past(user, at, name):
    user.caller = replace(user.caller, permissions=frozenset({"memories:write", "memories:read"}))
    value = 1 if name == "access_count" else at(days=-1)
    status, code, message = refused(user.create, "x", **{name: value})
    assert (status, code) == (403, "FORBIDDEN")
    assert message == f"{name}: only a key with the permission admin may set this"
    assert user.list() == []
    user.caller = replace(user.caller, permissions=frozenset({"admin"}))
    assert user.create("x", **{"created_at": at(days=-1), name: value})["content"] == "x"


def test_a_repeated_import_gets_the_same_answer(user, at, clock):
    old = {"created_at": at(days=-9), "access_count": 7, "tier": "long"}
    memory = user.create("likes tea", key="k", **old)
    clock.advance(seconds=1)
    assert user.create("likes tea", key="k", **old) == memory
    assert user.page().meta["total"] == 1


def test_a_tag_goes_with_its_last_memory(user, clock):
    def names():
        return [(tag["name"], tag["memory_count"]) for tag in user.tags().data]

    one = user.create("one", tier="long", tags=["a", "b"])
    two = user.create("two", tier="long", tags=["a"])
    short = user.create("three", tier="short", tags=["c"])
    user.delete(one["id"])
    assert names() == [("a", 1), ("c", 1)]
    user.update(two["id"], metadata={"tags": ["d"]})
    assert names() == [("c", 1), ("d", 1)]
    clock.advance(hours=26)
    user.create("four", tier="long", tags=["d"])
    assert names() == [("d", 2)]
    user.create("five", tier="long", tags=["c"])
    assert names() == [("c", 1), ("d", 2)]
    assert short["metadata"]["tags"] == ["c"]
