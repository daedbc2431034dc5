"""How views find out whether a service filters by tags."""

from __future__ import annotations

import warnings

import pytest

from memoryos import ScopeWarning

from ..stand_ins import HasAll, HasOtherTags, StandIn
from .services import ON_STAND_INS, names_of, two_users

pytestmark = ON_STAND_INS

WITHOUT_TAGS = pytest.mark.parametrize(
    "behaviour", ["doesn't know metadata.tags", "filters lists, but doesn't know metadata.tags"]
)


async def test_that_filtered_lists_are_found_out_once(service_of):
    service = service_of("has everything")
    alice, bob = await two_users(service)
    service.sent.clear()
    for view in (alice, bob, alice):
        await service.done(view.memories.create("tea"))
        await service.done(view.memories.list(1))
    assert names_of(service).count("list_memories") == 4


@WITHOUT_TAGS
async def test_that_the_first_write_shows_whether_tags_are_read(service_of, behaviour, caplog):
    service = service_of(behaviour)
    alice = service.client.scoped(user="alice")
    with pytest.warns(ScopeWarning, match="doesn't find a memory by the tags"):
        await service.done(alice.memories.create("Alice earns 5000", tags=["pay"]))
    with warnings.catch_warnings():
        warnings.simplefilter("error")  # once only
        bob = service.client.scoped(user="bob")
        await service.done(bob.memories.create("Bob earns 4000"))
        page = await service.done(alice.memories.list(tags=["pay"]))
        assert [one["content"] for one in page["data"]] == ["Alice earns 5000"]
        assert (await service.done(bob.memories.list(tags=["pay"])))["data"] == []
    assert len(caplog.records) == 1
    found = await service.done(alice.search("earns", threshold=0, tags=["pay"]))
    assert [one["content"] for one in found["results"]] == ["Alice earns 5000"]


@pytest.mark.parametrize("behaviour", ["ignores unknown fields", "has everything"])
async def test_that_the_first_write_of_a_client_is_looked_up_once(service_of, behaviour):
    service = service_of(behaviour)
    await two_users(service)
    looked_up = "list_memories" if behaviour == "has everything" else "search_memories"
    assert [name for name, given in service.sent if "tags" in given] == [looked_up]


@pytest.mark.parametrize("behaviour", ["ignores unknown fields", "has everything"])
async def test_that_the_first_write_may_change_an_old_memory(service_of, behaviour):
    service = service_of(behaviour)
    plain = service.client.memories
    tags = {"tags": ["user:alice"]}
    old = await service.done(plain.create("Alice earns 5000", metadata=tags))
    newer = plain.create_many({"content": f"tea {n}", "metadata": tags} for n in range(101))
    assert all(result.ok for result in await service.done(newer))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        alice = service.client.scoped(user="alice")
        await service.done(alice.memories.update(old["id"], "Alice earns 6000"))
    assert service.client._session.features.tag_filtering.works


@pytest.mark.parametrize(
    ("behaviour", "works"),
    [("ignores unknown fields", True), ("doesn't know metadata.tags", False)],
)
async def test_that_the_first_write_may_be_longer_than_a_query(service_of, behaviour, works):
    """And begin with what is none, and not with what most of it is like."""
    service = service_of(behaviour)
    text = "\n" * 300 + "tea " * 50 + "Coffee is something else. " * 2000
    await service.done(service.client.scoped(user="alice").memories.create(text))
    known = service.client._session.features.tag_filtering
    assert (known.is_tried, known.works) == (True, works)


@WITHOUT_TAGS
async def test_that_tags_which_leave_out_memories_of_the_scope_warn_of_nothing(
    service_of, behaviour
):
    service = service_of(behaviour)
    alice = service.client.scoped(user="alice")
    await service.done(alice.memories.create("Alice earns 5000", tags=["pay"]))
    await service.done(alice.memories.create("Alice earns praise"))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = await service.done(alice.search("earns", threshold=0, tags=["pay"]))
    assert [one["content"] for one in found["results"]] == ["Alice earns 5000"]


@WITHOUT_TAGS
@pytest.mark.parametrize("name", ["list", "iterate", "search", "get_context", "delete_all"])
async def test_that_reading_alone_shows_whether_tags_are_read(service_of, behaviour, name):
    """After a restart, too, an application must not take what it can't find for nothing."""
    service = service_of(behaviour)
    metadata = {"tags": ["user:alice"]}
    await service.done(service.client.memories.create("Alice earns 5000", metadata=metadata))
    await service.done(service.client.memories.create("untagged"))
    alice = service.client.scoped(user="alice")
    read = {
        "list": alice.memories.list,
        "iterate": alice.memories.iterate,
        "search": lambda: alice.search("earns", threshold=0),
        "get_context": lambda: alice.get_context("earns"),
        "delete_all": lambda: alice.memories.delete_all(confirm=True),
    }
    answer = await service.done(read[name]())
    assert "Alice earns 5000" in str(answer) or answer["deleted"] == 1


class Interrupts(HasOtherTags):
    """Doesn't know metadata.tags, and calls a function in the middle of a search, once."""

    meanwhile = None

    def request(self, call, forward):
        """Call the function, and answer then."""
        meanwhile = self.meanwhile
        if call.name == "search_memories" and meanwhile is not None:
            self.meanwhile = None
            meanwhile()
        return super().request(call, forward)


def test_that_nothing_found_is_not_believed_while_a_write_looks_itself_up():
    stand_in = StandIn(Interrupts())
    with stand_in.client() as memory:
        bob = memory.scoped(user="bob")
        memory.memories.create("Bob earns 4000", metadata={"tags": ["user:bob"]})
        found = []
        stand_in.behaviour.meanwhile = lambda: found.extend(
            bob.search("earns", threshold=0)["results"]
        )
        memory.scoped(user="alice").memories.create("Alice earns 5000")
        assert [one["content"] for one in found] == ["Bob earns 4000"]


def test_that_writes_at_the_same_time_are_looked_up_once():
    stand_in = StandIn(Interrupts())
    with stand_in.client() as memory:
        alice, bob = memory.scoped(user="alice"), memory.scoped(user="bob")
        stand_in.behaviour.meanwhile = lambda: bob.memories.create("Bob earns 4000")
        alice.memories.create("Alice earns 5000")
    names = [name for name, _ in stand_in.sent]
    assert names == ["create_memory", "search_memories", "create_memory"]


async def test_that_a_service_without_memories_is_believed(service_of):
    service = service_of("has everything")
    alice = service.client.scoped(user="alice")
    assert (await service.done(alice.search("tea")))["results"] == []
    assert names_of(service) == ["search_memories", "list_memories"]
    await two_users(service)
    service.sent.clear()
    carol = service.client.scoped(user="carol")
    assert (await service.done(carol.search("tea")))["results"] == []
    assert names_of(service) == ["search_memories"]


class Fails(HasAll):
    """Refuses the first lists."""

    def __init__(self, failures):
        self.failures = failures

    def request(self, call, forward):
        """Fail."""
        if call.name == "list_memories" and self.failures:
            self.failures -= 1
            return 403, {"error": {"code": "FORBIDDEN", "message": "no"}, "meta": {}}
        return super().request(call, forward)


async def test_that_a_failed_look_up_is_made_at_the_next_write(service_of):
    service = service_of(Fails(1))
    await two_users(service)
    assert names_of(service) == ["create_memory", "list_memories"] * 2


async def test_that_a_key_that_may_not_list_can_search(service_of):
    service = service_of(Fails(100))
    alice = service.client.scoped(user="alice")
    assert (await service.done(alice.search("tea")))["results"] == []
    assert names_of(service) == ["search_memories", "list_memories"]
