"""Keys with scope tags: the server adds them to all that a key writes, and shows nothing else."""

from __future__ import annotations

import random

import pytest

from memoryos_server.model.errors import ServiceError
from memoryos_server.model.scope_tags import is_in_scope

from .test_writes import refused

pytestmark = pytest.mark.both_stores

NOT_FOUND = (404, "NOT_FOUND", "Memory not found")


@pytest.fixture
def scoped(user, user_of):
    """Make the calls of a key with scope tags, of the same owner."""

    def make(**scope):
        key = user.service.create_key(scope=scope, scopes=["*"])
        made = user_of(user.service)
        made.caller = user.service.authenticate(key)
        return made

    return make


@pytest.fixture
def ada(scoped):
    return scoped(user="ada")


@pytest.fixture
def bob(scoped):
    return scoped(user="bob")


def test_a_key_adds_its_tags_to_all_that_it_writes(user, ada):
    one = ada.create("one")
    two = ada.create("two", tags=["tea", "user:bob", "USER: x"], metadata={"n": 1})
    three = ada.create("three", metadata={"tags": ["user:bob", "user:ada", 7]})
    assert one["metadata"] == {"tags": ["user:ada"]}
    assert two["metadata"] == {"n": 1, "tags": ["tea", "user:ada"]}
    assert three["metadata"] == {"tags": [7, "user:ada"]}
    assert ada.update(two["id"], tags=["user:bob"])["metadata"]["tags"] == ["user:ada"]
    after = ada.update(one["id"], metadata={"tags": ["user:bob", "x"]})
    assert after["metadata"]["tags"] == ["x", "user:ada"]
    assert ada.update(one["id"], metadata={"m": 1})["metadata"]["tags"] == ["x", "user:ada"]
    assert [memory["content"] for memory in ada.list()] == ["three", "two", "one"]
    assert {tag["name"] for tag in user.tags().data} == {"x", "user:ada"}


def test_tags_that_are_no_list_are_rejected(ada):
    memory = ada.create("one")
    for call, first in ((ada.create, "x"), (ada.update, memory["id"])):
        status, _, message = refused(call, first, metadata={"tags": "user:ada"})
        assert status == 400
        assert message == (
            "body.metadata.tags: must be a list, because the API key adds its own tags"
        )
    assert ada.list() == [memory]


def test_a_foreign_memory_is_not_found_and_not_changed(user, ada, bob):
    memory = bob.create("likes tea", tier="long")
    both = user.create("of both", tier="long", tags=["user:ada", "user:bob"])
    none = user.create("of nobody", tier="long")
    before = user.list()
    for foreign in (memory["id"], both["id"], none["id"]):
        assert refused(ada.get, foreign) == NOT_FOUND
        assert refused(ada.update, foreign, content="x") == NOT_FOUND
        assert refused(ada.delete, foreign) == NOT_FOUND
        status, _, message = refused(ada.create, "x", parent_memory_id=foreign)
        assert (status, message) == (400, "body.parent_memory_id: no memory has this ID")
    assert user.list() == before
    assert bob.get(memory["id"])["content"] == "likes tea"


def test_an_upsert_takes_no_foreign_memory_for_a_parent(ada, bob):
    """Neither of a new memory nor of one that is there."""
    foreign = bob.create("likes tea", tier="long")["id"]
    own = ada.create("parent", tier="long")["id"]
    for _ in range(2):
        status, _, message = refused(ada.upsert, "x", parent_memory_id=foreign)
        assert (status, message) == (400, "body.parent_memory_id: no memory has this ID")
        assert ada.upsert("x", parent_memory_id=own)["parent_memory_id"] == own


def test_lists_searches_and_contexts_have_no_foreign_memory(user, ada, bob, scoped):
    ada.create("ada likes tea", tier="long", tags=["x"])
    bob.create("bob likes tea", tier="long", tags=["x"])
    user.create("both like tea", tier="long", tags=["x", "user:ada", "user:bob"])
    user.create("nobody likes tea", tier="long", tags=["x"])
    user.create("Ada in other case", tier="long", tags=["x", "user:ada", "User:ada"])
    assert [one["content"] for one in ada.list()] == ["ada likes tea"]
    assert ada.page().meta["total"] == 1
    for filters in ({}, {"tags": ["x"]}, {"tags": ["user:ada"]}):
        assert ada.found("likes tea", threshold=0, **filters) == ["ada likes tea"]
        assert [one["content"] for one in ada.list(**filters)] == ["ada likes tea"]
        context = ada.context("likes tea", **filters)
        assert [one["content"] for one in context["memories"]] == ["ada likes tea"]
        assert "bob" not in context["context"]
    assert ada.found("likes tea", threshold=0, tags=["user:bob"]) == []
    assert scoped(user="carl").list() == []


@pytest.mark.parametrize("call", ["search", "context"])
def test_a_memory_given_to_others_during_a_search_is_left_out(user, ada, call, monkeypatch):
    kept = ada.create("tea", tier="long")
    given = ada.create("tea of both", tier="long")
    read = user.service._store.memories_by_number

    def read_later(owner, numbers):
        user.update(given["id"], tags=["user:bob"], content="tea of Bob")
        return read(owner, numbers)

    monkeypatch.setattr(user.service._store, "memories_by_number", read_later)
    answer = getattr(ada, call)("tea", **({"threshold": 0} if call == "search" else {}))
    found = answer["results" if call == "search" else "memories"]
    assert [one["id"] for one in found] == [kept["id"]]
    assert "Bob" not in str(answer)


def test_a_key_with_two_tags_needs_both(user, ada, scoped):
    support = scoped(user="ada", agent="support")
    support.create("a ticket", tier="long")
    ada.create("a note", tier="long")
    assert [one["content"] for one in support.list()] == ["a ticket"]
    assert [one["content"] for one in ada.list()] == ["a note", "a ticket"]
    assert support.caller.scope_tags == ("agent:support", "user:ada")


def test_an_external_id_is_looked_up_within_the_scope(user, ada, bob):
    theirs = bob.upsert("bob's", tier="long")
    mine = ada.upsert("ada's", tier="long")
    assert ada.upsert("ada's", tags=["user:bob"])["id"] == mine["id"]
    changed = ada.upsert("changed", upsert_within=["user:bob"])
    assert changed["id"] not in {theirs["id"], mine["id"]}
    assert [one["content"] for one in bob.list()] == ["bob's"]
    assert [one["content"] for one in ada.list(external_id="e")] == ["changed", "ada's"]


def test_idempotency_keys_do_not_cross_scopes(user, ada, bob, scoped):
    callers = (user, ada, bob, scoped(user="ada", agent="support"))
    made = [caller.create("likes tea", key="k", tier="long")["id"] for caller in callers]
    assert len(set(made)) == 4
    for caller, memory_id in zip(callers, made, strict=True):
        assert caller.create("likes tea", key="k", tier="long")["id"] == memory_id
        entity = caller.create_entity("Ada", key="e")["id"]
        assert caller.create_entity("Ada", key="e")["id"] == entity


def test_tags_and_entities_are_those_of_the_scope(user, ada, bob):
    known = user.create_entity("Known")["id"]
    foreign = user.create_entity("Foreign")["id"]
    ada.create("one", tier="long", tags=["tea", "both"], metadata={"entities": [known]})
    bob.create("two", tier="long", tags=["coffee", "both"], metadata={"entities": [foreign]})
    user.create("three", tier="long", tags=["user:ada", "user:bob", "planted"])
    tags = ada.tags(sort="memory_count", order="desc")
    assert [(tag["name"], tag["memory_count"]) for tag in tags.data] == [
        ("both", 1),
        ("tea", 1),
        ("user:ada", 1),
    ]
    assert tags.meta["total"] == 3
    assert [tag["name"] for tag in ada.tags(search="e").data] == ["tea", "user:ada"]
    entities = ada.entities()
    assert [entity["name"] for entity in entities.data] == ["Known"]
    assert entities.meta["total"] == 1
    assert ada.entities(search="foreign").data == []


def test_a_tag_does_not_tell_when_others_used_it_first(user, ada, bob, clock):
    bob.create("two", tier="long", tags=["both"])
    clock.advance(hours=1)
    memory = ada.create("one", tier="long", tags=["both"])
    clock.advance(hours=1)
    ada.create("three", tier="long", tags=["both"])
    for tag in ada.tags(sort="created_at", order="desc").data:
        assert (tag["created_at"], tag["updated_at"]) == (memory["created_at"],) * 2
    (tag,) = user.tags(search="both").data
    assert tag["created_at"] < memory["created_at"]


def test_messages_of_other_users_in_a_session_of_the_same_name_change_no_score(
    user, ada, bob, clock
):
    def ask(caller, **filters):
        answer = caller.search("kumquat tea", threshold=0, explain=True, **filters)
        return [
            (result["content"], result["similarity"], result["explanation"])
            for result in answer["results"]
        ]

    for caller, session in ((ada, "s"), (bob, "t"), (ada, "s")):
        text = "Bob: kumquat tea" if caller is bob else "Ada: hello"
        clock.advance(seconds=1)
        message = caller.create(
            text, tier="long", content_type="conversation", metadata={"session": session}
        )
        if caller is bob:
            of_bob = message
    apart = ask(ada), ask(user, tags=["user:ada"])
    bob.update(of_bob["id"], metadata={"session": "s"})
    assert (ask(ada), ask(user, tags=["user:ada"])) == apart
    together = ask(user)
    assert [one for one in together if one[0] == "Ada: hello"] != apart[0]


NAMES = ("a", "a:b", "a,user:b", "ä", "a\u0308", " a", "*", "'", "A", "%3a", "user:a")


class Scopes:
    """Users with hostile names, and the ids of the memories of each."""

    def __init__(self, scoped):
        self._callers = {name: scoped(user=name) for name in NAMES}
        self.made = {name: set() for name in NAMES}

    def create(self, name, other, chance):
        self.made[name].add(self._callers[name].create("by", tags=self._tags_of(other))["id"])

    def upsert(self, name, other, chance):
        text = str(chance.random())
        self.made[name].add(self._callers[name].upsert(text, tags=self._tags_of(other))["id"])

    def update(self, name, other, chance):
        for memory_id in self._some(other, chance):
            self._change(self._callers[name].update, memory_id, name == other, tier="long")

    def delete(self, name, other, chance):
        for memory_id in self._some(other, chance):
            if self._change(self._callers[name].delete, memory_id, name == other):
                self.made[other].remove(memory_id)

    def check(self, name):
        caller = self._callers[name]
        listed = caller.list()
        assert {one["id"] for one in listed} == self.made[name]
        assert all(is_in_scope(one["metadata"], caller.caller.scope_tags) for one in listed)
        found = caller.search("by", threshold=0, limit=100)["results"]
        assert {one["id"] for one in found} <= self.made[name]

    def _tags_of(self, name):
        return [*self._callers[name].caller.scope_tags, f"user:{name}", name]

    def _some(self, name, chance):
        return chance.sample(sorted(self.made[name]), min(1, len(self.made[name])))

    @staticmethod
    def _change(call, memory_id, is_own, **fields):
        try:
            call(memory_id, **fields)
        except ServiceError as error:
            assert (error.status, is_own) == (404, False)  # noqa: PT017 - own calls must not fail
            return False
        assert is_own
        return True


def test_no_sequence_of_calls_reaches_another_scope(user, scoped):
    chance = random.Random(14)
    scopes = Scopes(scoped)
    for _ in range(150):
        name, other = chance.choice(NAMES), chance.choice(NAMES)
        action = chance.choice([scopes.create, scopes.upsert, scopes.update, scopes.delete])
        action(name, chance.choice([name, other]), chance)
        scopes.check(name)
    assert user.page().meta["total"] == sum(map(len, scopes.made.values()))
