"""Isolation: random operations of several scopes, on services that help and on others.

A model knows which memory belongs to whom. Whatever the service does, no scope ever sees or changes
a memory of another one, and each finds all of its own.
"""

from __future__ import annotations

import contextlib
import os
import warnings

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from memoryos import ConflictError, NotFoundError, ScopeWarning
from memoryos._protocol.scopes import Scope

from ..stand_ins import BEHAVIOURS, StandIn

pytestmark = [
    pytest.mark.local_server,
    pytest.mark.off_contract(reason="the stand-ins answer what the contract does not allow"),
]

NAMES = ["a", "a:b", "a,user:b", "\u00e4", "a\u0308", " a ", "*", '"', "A", "%61"]
SCOPES = [*({"user": name} for name in NAMES), {"user": "a", "agent": "x"}, {"agent": "x"}]
EXAMPLES = 300 if os.environ.get("MEMORY_OS_LONG_TESTS") else 20

OPERATIONS = [
    *("create", "create_many", "upsert", "plant", "get", "update", "retag", "delete"),
    *("list", "iterate", "search", "context", "find", "create", "search"),
]
STEPS = st.lists(
    st.tuples(st.sampled_from(OPERATIONS), st.sampled_from(SCOPES), st.integers(0, 30)),
    min_size=5,
    max_size=20,
)
HYPOTHESIS = settings(
    max_examples=EXAMPLES,
    deadline=None,
    derandomize=True,
    phases=[Phase.generate],  # a shorter example of a failure takes minutes
    suppress_health_check=[HealthCheck.too_slow],
)


class World:
    """The memories of all scopes, in a service and in a model of it."""

    def __init__(self, memory):
        self.memory = memory
        self.owners = {}
        """The values of each key that a memory has tags of, by the memory's id."""
        self.texts = {}

    def view(self, scope):
        """Return the view of a scope."""
        return self.memory.scoped(**scope)

    def expected(self, scope):
        """Return the ids of the memories that a scope must see."""
        wanted = {key: {value} for key, value in scope.items()}
        return {
            one
            for one, owner in self.owners.items()
            if {key: owner.get(key) for key in wanted} == wanted
        }

    def stored(self, scope, memory, others=()):
        """Note a memory that a scope has stored with the tags of others.

        Those of the scope's own keys are dropped.
        """
        owner = {key: {value} for key, value in scope.items()}
        for other in others:
            for key in other.keys() - scope.keys():
                owner.setdefault(key, set()).add(other[key])
        self.owners[memory["id"]] = owner
        self.texts[memory["id"]] = memory["content"]

    @property
    def has_two_users(self):
        """Whether there is a memory with the tags of two users."""
        return any(len(values) > 1 for owner in self.owners.values() for values in owner.values())

    def any_id(self, number):
        """Return the id of some memory of anybody."""
        return sorted(self.owners)[number % len(self.owners)]

    def create(self, scope, number):
        """Create a memory with the tags of everybody else."""
        others = SCOPES[number % 3 :: 3]
        tags = [tag for values in others for tag in Scope(values).tags]
        metadata = {"tags": [*tags, "tea"], "number": number}
        text = f"tea of {scope} {len(self.owners)}"
        key = f"key {number}"  # the same in every scope
        with contextlib.suppress(ConflictError):  # the scope has used its own key before
            created = self.view(scope).memories.create(text, metadata=metadata, idempotency_key=key)
            self.stored(scope, created, others)

    def create_many(self, scope, number):
        """Create several memories, of which some name another user."""
        items = [f"tea {number} {self.view(scope)}", {"content": "cup", "tags": ["user:a"]}]
        plain, tagged = self.view(scope).memories.create_many(items)
        self.stored(scope, plain.memory)
        self.stored(scope, tagged.memory, [{"user": "a"}])

    def upsert(self, scope, number):
        """Write under a key that every scope uses."""
        key = f"x{number % 2}"
        found = self.view(scope).memories.find(external_id=key)
        written = self.view(scope).memories.upsert(external_id=key, content=f"tea {number}.")
        if found is not None:
            assert written["id"] == found["id"]
        assert written["id"] not in self.owners or found is not None
        if found is None:
            self.stored(scope, written)
        self.texts[written["id"]] = written["content"]

    def find(self, scope, number):
        """Look up a key that every scope uses."""
        found = self.view(scope).memories.find(external_id=f"x{number % 2}")
        assert found is None or found["id"] in self.expected(scope)

    def plant(self, scope, number):
        """Create a memory with the tags of two users, without a scope: it belongs to neither."""
        tags = [*Scope(scope).tags, "USER:planted", "agent:y", "agent:z"]
        planted = self.memory.memories.create(f"tea {number}", metadata={"tags": tags})
        self.owners[planted["id"]] = {"user": {"planted", "p"}, "agent": {"y", "z"}}

    def get(self, scope, number):
        """Get a memory of anybody."""
        self.if_own(scope, number, lambda view, one: view.memories.get(one))

    def update(self, scope, number):
        """Change a memory of anybody, and try to give it away."""
        other = SCOPES[number % len(SCOPES)]
        given = {"tags": Scope(other).tags, "changed": True}
        changed = self.if_own(
            scope, number, lambda view, one: view.memories.update(one, "tea!", metadata=given)
        )
        if changed:
            self.stored(scope, changed, [other])

    def retag(self, scope, number):
        """Replace the tags of a memory of anybody."""
        other = SCOPES[number % len(SCOPES)]
        changed = self.if_own(
            scope,
            number,
            lambda view, one: view.memories.update(one, tags=[*Scope(other).tags, "tea"]),
        )
        if changed:
            self.stored(scope, changed, [other])

    def delete(self, scope, number):
        """Delete a memory of anybody."""
        deleted = self.if_own(scope, number, lambda view, one: view.memories.delete(one))
        if deleted:
            del self.owners[self.any_id(number)]

    def if_own(self, scope, number, call):
        """Return the result of a call on a memory of anybody; None if it isn't the scope's."""
        if not self.owners:
            return None
        one = self.any_id(number)
        if one in self.expected(scope):
            return call(self.view(scope), one)
        with pytest.raises(NotFoundError):
            call(self.view(scope), one)
        return None

    def list(self, scope, number):
        """List a part of the memories."""
        limit, offset = 1 + number % 4, number % 3
        page = self.view(scope).memories.list(limit, offset)
        expected = self.expected(scope)
        assert {one["id"] for one in page["data"]} <= expected
        if not self.has_two_users:  # a service counts those
            assert page["meta"]["total"] == len(expected)
            assert len(page["data"]) == max(0, min(limit, len(expected) - offset))

    def iterate(self, scope, _number):
        """Iterate over all memories."""
        ids = [one["id"] for one in self.view(scope).memories.iterate(page_size=2)]
        assert sorted(ids) == sorted(self.expected(scope))

    def search(self, scope, number):
        """Search for what every scope has."""
        limit = 1 + number % 20
        results = self.view(scope).search("tea", threshold=0, limit=limit)["results"]
        assert {one["id"] for one in results} <= self.expected(scope)
        assert len(results) == min(limit, len(self.expected(scope)))

    def context(self, scope, number):
        """Get a context of what every scope has."""
        response = self.view(scope).get_context("tea", format=["text", "json"][number % 2])
        expected = self.expected(scope)
        assert {one["id"] for one in response["memories"]} <= expected
        foreign = {self.texts[one] for one in self.texts if one not in expected}
        foreign -= {self.texts[one] for one in expected} | {"tea!", "cup"}
        assert not [text for text in foreign if text in response["context"]]
        assert bool(response["memories"]) is bool(expected)

    def check(self):
        """Check that no memory was changed or deleted by another scope."""
        there = {one["id"]: one["content"] for one in self.memory.memories.iterate()}
        assert there.keys() == self.owners.keys()
        assert {one: there[one] for one in there if one in self.texts} == {
            one: text for one, text in self.texts.items() if one in there
        }


def run(behaviour, operations):
    """Carry out random operations on a service of this behaviour."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ScopeWarning)
        with StandIn(BEHAVIOURS[behaviour]()).client() as memory:
            world = World(memory)
            for name, scope, number in operations:
                getattr(world, name)(scope, number)
            world.check()


@pytest.mark.long
@pytest.mark.parametrize("behaviour", BEHAVIOURS)
def test_that_scopes_are_isolated(behaviour):
    HYPOTHESIS(given(STEPS)(lambda steps: run(behaviour, steps)))()


@pytest.mark.parametrize("behaviour", ["has everything", "ignores tags", "lies"])
def test_that_verification_is_what_isolates_them(behaviour, monkeypatch):
    """The same test fails where whatever a service returns is taken for the scope's own."""
    monkeypatch.setattr(Scope, "covers", lambda _scope, _memory: True)
    with pytest.raises((AssertionError, pytest.fail.Exception)):
        HYPOTHESIS(given(STEPS)(lambda steps: run(behaviour, steps)))()


@pytest.mark.parametrize("name", ["list", "iterate", "search", "context", "find"])
def test_that_each_way_to_read_is_verified(name, monkeypatch):
    monkeypatch.setattr(Scope, "covers", lambda _scope, _memory: True)
    with pytest.raises(AssertionError):
        run("ignores tags", [("upsert", {"user": "*"}, 0), (name, {"user": "a"}, 0)])


@pytest.mark.parametrize("name", ["get", "update", "retag", "delete"])
def test_that_each_way_to_change_one_memory_is_verified(name, monkeypatch):
    """On the local Memory OS, too, where no operation on one memory knows of scopes."""
    monkeypatch.setattr(Scope, "covers", lambda _scope, _memory: True)
    with pytest.raises(pytest.fail.Exception, match="NotFoundError"):
        run("has everything", [("create", {"user": "*"}, 0), (name, {"user": "a"}, 0)])
