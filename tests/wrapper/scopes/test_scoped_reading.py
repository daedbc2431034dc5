"""What views return, on services that keep scopes apart and on services that mix them."""

from __future__ import annotations

import json
import logging
import warnings
from pathlib import Path

import pytest

from memoryos import ScopeWarning

from ..stand_ins import HasAll
from .services import EVERYWHERE, MIXING, ON_STAND_INS, names_of, two_users

pytestmark = ON_STAND_INS


@EVERYWHERE
async def test_that_a_context_has_the_scopes_memories_only(service_of, behaviour):
    service = service_of(behaviour)
    alice, _ = await two_users(service)
    context = await service.done(alice.get_context("earns"))
    assert "Alice earns 5000" in context["context"]
    assert "Bob" not in json.dumps(context)
    assert len(context["memories"]) == 1


async def test_that_the_text_of_a_service_that_can_be_verified_is_used(service_of):
    service = service_of("has everything")
    alice, _ = await two_users(service)
    service.sent.clear()
    await service.done(alice.get_context("earns"))
    assert names_of(service) == ["get_context"]


class HidesEntries(HasAll):
    """Makes contexts of everything, and doesn't say of what."""

    def request(self, call, forward):
        """Leave out the memories of a context."""
        if call.name == "get_context":
            call.drop({"tags"})
        status, body = super().request(call, forward)
        if call.name == "get_context":
            body["data"]["memories"] = []
        return status, body


async def test_that_a_text_without_entries_is_not_used(service_of):
    service = service_of(HidesEntries())
    alice, _ = await two_users(service)
    context = await service.done(alice.get_context("earns"))
    assert "Alice" in context["context"]
    assert "Bob" not in context["context"]


@MIXING
async def test_that_a_service_that_mixes_scopes_is_asked_for_more(service_of, behaviour, caplog):
    service = service_of(behaviour)
    alice, bob = await two_users(service)
    for number in range(30):
        await service.done(bob.memories.create(f"Bob drinks tea {number}"))
    await service.done(alice.memories.create("Alice drinks tea, too"))
    caplog.clear()
    for _ in range(2):  # at each call
        with pytest.warns(ScopeWarning, match=r"don't belong to the scope, .*\(scope: user\)"):
            found = await service.done(alice.search("tea", threshold=0, limit=5))
        assert {one["content"] for one in found["results"]} == {
            "Alice drinks tea, too",
            "Alice earns 5000",
        }
    assert [record.levelno for record in caplog.records] == [logging.WARNING] * 2
    assert "alice" not in caplog.text


@pytest.mark.parametrize(
    "call", [lambda view: view.search("earns", threshold=0), lambda view: view.get_context("earns")]
)
async def test_that_a_warning_points_to_the_call(service_of, call):
    """Python shows one for each line that a warning points to."""
    service = service_of("ignores tags")
    alice, _ = await two_users(service)
    with pytest.warns(ScopeWarning) as caught:
        await service.done(call(alice))
    caller = "stand_ins.py" if service.is_async else Path(__file__).name  # which awaits it
    assert [Path(one.filename).name for one in caught] == [caller]


async def test_that_a_full_answer_warns_of_nothing(service_of):
    service = service_of("ignores tags")
    alice, _ = await two_users(service)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = await service.done(alice.search("earns", threshold=0, limit=1))
    assert [one["content"] for one in found["results"]] == ["Alice earns 5000"]


@MIXING
async def test_that_an_embedding_can_be_read_once(service_of, behaviour):
    service = service_of(behaviour)
    alice, _ = await two_users(service)
    vector = iter([1.0, *[0.0] * 1535])
    found = await service.done(alice.search(embedding=vector, threshold=0))
    assert [one["content"] for one in found["results"]] == ["Alice earns 5000"]


@MIXING
async def test_that_pages_count_the_scopes_memories(service_of, behaviour):
    service = service_of(behaviour)
    alice, bob = await two_users(service)
    for number in range(5):
        await service.done(alice.memories.create(f"a{number}"))
        await service.done(bob.memories.create(f"b{number}"))
    page = await service.done(alice.memories.list(2, 1))
    assert [one["content"] for one in page["data"]] == ["a3", "a2"]
    meta = page["meta"]
    assert (meta["total"], meta["limit"], meta["offset"], meta["has_more"]) == (6, 2, 1, True)


async def test_that_a_total_is_that_of_the_scope(service_of):
    """Though a page that nobody has filtered may have memories of one scope only."""
    service = service_of("ignores tags")
    _, bob = await two_users(service)
    page = await service.done(bob.memories.list(1))
    assert [one["content"] for one in page["data"]] == ["Bob earns 4000"]
    assert (page["meta"]["total"], page["meta"]["has_more"]) == (1, False)
    service = service_of("ignores tags")
    await two_users(service)
    page = await service.done(service.client.scoped(user="carol").memories.list(offset=5))
    assert (page["data"], page["meta"]["total"]) == ([], 0)


class MatchesAny(HasAll):
    """Lists the memories that have one of the tags."""

    def request(self, call, forward):
        """Forget all tags but the first."""
        if call.name == "list_memories":
            first = [one for one in call.query if one[0] == "tags"][:1]
            first = [(name, text.split(",")[0]) for name, text in first]
            call.query = [one for one in call.query if one[0] != "tags"] + first
        return super().request(call, forward)


async def test_that_a_total_is_that_of_all_tags(service_of):
    service = service_of(MatchesAny())
    support = service.client.scoped(agent="support")
    for user in ("alice", "bob", "bob", "alice"):
        await service.done(support.scoped(user=user).memories.create(f"tea of {user}"))
    alice = support.scoped(user="alice")
    page = await service.done(alice.memories.list(limit=1))
    assert page["meta"]["total"] == 2
