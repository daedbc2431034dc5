"""MemoryOSStore: what LangGraph's reference store can't show, such as times to live and limits."""

from __future__ import annotations

import asyncio
from datetime import datetime, timezone

import pytest
from langgraph.store.base import (
    GetOp,
    InvalidNamespaceError,
    ListNamespacesOp,
    PutOp,
    SearchOp,
)

from memoryos import APIConnectionError, ValidationError
from memoryos.integrations.langgraph import MemoryOSStore

pytestmark = [pytest.mark.local_server, pytest.mark.anyio]

ALICE, BOB = ("users", "alice"), ("users", "bob")


@pytest.fixture
def store(memory):
    return MemoryOSStore(memory, index_fields=["text"])


def keys(items):
    return [item.key for item in items]


def test_a_search_ranks_by_meaning_and_then_lists_what_is_not_indexed(store):
    """The score falls, and an item that is not indexed has none."""
    store.put(ALICE, "tea", {"text": "Likes green tea"})
    store.put(ALICE, "secret", {"text": "green tea"}, index=False)
    store.put(ALICE, "city", {"text": "Lives in Paris"})
    found = store.search(ALICE, query="green tea")
    assert keys(found) == ["tea", "city", "secret"]
    assert found[0].score > found[1].score
    assert found[2].score is None


@pytest.mark.parametrize("query", ["tea " * 20_000, "tea \ud800", "\u200b"])
def test_any_text_is_a_query(store, query):
    """Too long, not valid Unicode, or nothing that can be seen: agents pass on what users say."""
    store.put(ALICE, "tea", {"text": "Likes green tea"})
    assert keys(store.search(ALICE, query=query)) == ["tea"]


def test_a_field_without_a_visible_text_is_not_indexed(store):
    """And the item is there all the same."""
    store.put(ALICE, "blank", {"text": " \u200b"})
    assert store.get(ALICE, "blank").value == {"text": " \u200b"}
    assert store.search(ALICE, query="tea")[0].score is None


def test_only_the_chosen_fields_are_searched(store, memory):
    """Those of the store, or of the put."""
    store.put(ALICE, "a", {"text": "Likes tea", "note": "coffee"})
    store.put(ALICE, "b", {"text": "Likes tea", "note": "coffee"}, index=["note"])
    contents = {m["metadata"]["key"]: m["content"] for m in memory.memories.iterate()}
    assert contents == {"a": "Likes tea", "b": "coffee"}


def test_the_fields_are_a_list(memory):
    """A text would be a field for each of its letters: nothing would be found."""
    with pytest.raises(ValidationError, match="index_fields must be a list; got 'text'"):
        MemoryOSStore(memory, index_fields="text")


def test_namespaces_of_users_are_apart(store):
    """Also those that are alike once folded, trimmed or normalized."""
    names = [
        "alice",
        "Alice",
        " alice",
        "a\u0308",
        "\u00e4",
        "alice,user:bob",
        "*",
        "x" * 65,
        "x" * 66,
    ]
    for name in names:
        store.put(("users", name), "k", {"text": f"of {name!r}"})
    for name in names:
        found = store.search(("users", name), query="of", limit=100)
        assert [item.value["text"] for item in found] == [f"of {name!r}"]
        assert store.get(("users", name), "k").value == found[0].value
    assert len(store.search(("users",), limit=100)) == len(names)
    assert store.search(("user",)) == []


def test_one_key_in_a_namespace_and_in_one_below_are_two_items(store):
    """Neither replaces, hides or deletes the other."""
    below = (*ALICE, "notes")
    store.put(ALICE, "k", {"n": 1})
    store.put(below, "k", {"n": 2})
    assert [store.get(space, "k").value["n"] for space in (ALICE, below)] == [1, 2]
    store.delete(ALICE, "k")
    assert [item.value["n"] for item in store.search(ALICE)] == [2]


def test_other_memories_of_the_account_are_no_items(store, memory):
    """A search of everything returns what the store has put, and nothing else."""
    memory.memories.create("Likes tea", metadata={"namespace": ["users"], "key": "k"})
    store.put(ALICE, "tea", {"text": "Likes tea"})
    assert keys(store.search((), query="tea")) == ["tea"]
    assert store.list_namespaces() == [ALICE]


def test_a_batch_reads_first_and_then_keeps_the_last_put_of_each_key(store):
    """The results are in the order of the operations."""
    store.put(ALICE, "k", {"n": 0})
    results = store.batch(
        [
            PutOp(ALICE, "k", {"n": 1}),
            GetOp(ALICE, "k"),
            PutOp(ALICE, "k", {"n": 2}),
            SearchOp(ALICE),
            PutOp(ALICE, "gone", {"n": 3}),
            PutOp(ALICE, "gone", None),
        ]
    )
    assert [results[1].value, results[3][0].value] == [{"n": 0}, {"n": 0}]
    assert [results[at] for at in (0, 2, 4, 5)] == [None] * 4
    assert [item.value for item in store.search(ALICE)] == [{"n": 2}]


def test_an_invalid_operation_stops_its_whole_batch(store):
    """Nothing of it is stored."""
    for wrong in (
        PutOp(ALICE, "b", {"n": float("nan")}),
        PutOp(ALICE, "b", {"n": 1}, ttl=0),
        PutOp(ALICE, "b", {"n": 1}, ttl=True),
        PutOp(ALICE, "b", {"n": 1}, ttl=float("nan")),
        PutOp(ALICE, "b", {"n": 1}, index="text"),
        PutOp(ALICE, "b", {"n": 1}, index=True),
        SearchOp(ALICE, limit=-1),
        ListNamespacesOp(limit=-1),
        ListNamespacesOp(offset=-1),
        PutOp(ALICE, "\ud800", {}),
        "no operation",
    ):
        with pytest.raises(ValueError):
            store.batch([PutOp(ALICE, "a", {"n": 1}), wrong])
    assert store.search(ALICE) == []


@pytest.mark.parametrize(
    ("value", "problem"),
    [
        ({"when": datetime(2026, 1, 1, tzinfo=timezone.utc)}, "JSON-serializable"),
        ({"n": float("inf")}, "finite"),
        ({1: "one"}, "strings as keys"),
        ({"text": "\ud800"}, "surrogates"),
        (["text"], "must be a dict"),
    ],
)
def test_a_value_that_is_no_json_is_refused(store, value, problem):
    """The error names the part and the problem."""
    with pytest.raises(ValidationError, match=problem):
        store.put(ALICE, "k", value)
    assert store.get(ALICE, "k") is None


def test_a_value_above_the_limit_is_refused_and_one_below_comes_back_whole(store):
    """The error says how large it is, and how large it may be."""
    with pytest.raises(ValidationError, match=r"at most 65,536 bytes as JSON.*66,\d\d\d bytes"):
        store.put(ALICE, "k", {"text": "ä" * 33_000})
    assert store.search(ALICE) == []
    value = {"text": "ä" * 32_000}
    store.put(ALICE, "k", value)
    assert store.get(ALICE, "k").value == value


def test_deep_namespaces_leave_room_for_their_tags(store):
    """What this check lets through, the service takes."""
    deep = tuple(f"{'Ä' * 20}{depth}" for depth in range(20))
    with pytest.raises(ValidationError, match="at most 65,536 bytes"):
        store.put(deep, "k", {"text": "x" * 63_500})
    store.put(deep, "k", {"text": "x" * 61_000})
    assert store.get(deep, "k").value == {"text": "x" * 61_000}


def test_an_unknown_operator_is_an_error(store):
    """The message lists the known ones."""
    store.put(ALICE, "k", {"n": 1})
    with pytest.raises(ValueError, match=r"\$regex; there are \$eq, \$ne"):
        store.search(ALICE, filter={"n": {"$regex": "1"}})


def test_more_than_a_hundred_items_are_found(store):
    """The service ranks the first hundred; the others follow."""
    store.batch([PutOp(ALICE, str(n), {"text": f"tea {n}"}) for n in range(130)])
    found = store.search(ALICE, query="tea", limit=200)
    assert len(set(keys(found))) == 130
    assert [item.score is None for item in found] == [False] * 100 + [True] * 30
    assert len(store.search(ALICE, query="tea", limit=50, offset=100)) == 30


def test_the_times_of_an_item_are_those_of_its_puts(store):
    """Created once, updated with each put; the same in a get and in a search."""
    store.put(ALICE, "k", {"n": 1})
    first = store.get(ALICE, "k")
    store.put(ALICE, "k", {"n": 2})
    second = store.get(ALICE, "k")
    assert second.created_at == first.created_at <= first.updated_at < second.updated_at
    (found,) = store.search(ALICE, query="k")
    assert (found.created_at, found.updated_at) == (second.created_at, second.updated_at)


def test_reads_by_key_are_no_accesses(store, memory):
    """They must not move what a search finds relevant."""
    store.put(ALICE, "k", {"n": 1})
    for _ in range(3):
        store.get(ALICE, "k")
        store.search(ALICE)
    (stored,) = memory.memories.iterate()
    assert stored["access_count"] == 0


class TestTimesToLive:
    """TTL in minutes, from the last put or read."""

    @staticmethod
    def expiry(memory):
        stored = memory.memories.list(limit=1)["data"][0]
        return stored["expires_at"] and datetime.fromisoformat(
            stored["expires_at"].replace("Z", "+00:00")
        )

    def test_an_item_lives_for_its_time(self, store, memory):
        before = datetime.now(timezone.utc)
        store.put(ALICE, "k", {"n": 1}, ttl=10)
        minutes = (self.expiry(memory) - before).total_seconds() / 60
        assert 10 <= minutes < 11
        store.put(ALICE, "k", {"n": 1})
        assert self.expiry(memory).year == 9999
        store.put(ALICE, "k", {"n": 1}, ttl=10)
        assert self.expiry(memory).year < 9999

    @pytest.mark.parametrize("read", ["get", "search"])
    def test_a_read_starts_the_time_anew(self, store, memory, read):
        reads = {
            "get": lambda **options: store.get(ALICE, "k", **options),
            "search": lambda **options: store.search(ALICE, **options),
        }
        store.put(ALICE, "k", {"n": 1}, ttl=10)
        first = self.expiry(memory)
        reads[read](refresh_ttl=False)
        assert self.expiry(memory) == first
        before = reads[read]()
        assert self.expiry(memory) > first
        assert reads[read]() == before  # and is no put

    def test_an_expired_item_is_gone(self, sandbox):
        store = MemoryOSStore(sandbox.client())
        store.put(ALICE, "k", {"n": 1}, ttl=1)
        store.put(ALICE, "other", {"n": 2})
        sandbox.clock.advance(days=36_500)
        assert store.get(ALICE, "k") is None
        assert keys(store.search(ALICE)) == ["other"]

    def test_a_store_may_have_a_default(self, memory):
        store = MemoryOSStore(memory, ttl={"default_ttl": 10, "refresh_on_read": False})
        store.put(ALICE, "k", {"n": 1})
        first = self.expiry(memory)
        store.get(ALICE, "k")
        assert self.expiry(memory) == first
        store.put(ALICE, "other", {"n": 1}, ttl=None)
        assert self.expiry(memory) is None


class TestClients:
    """Which client carries out what."""

    async def test_a_synchronous_client_serves_asynchronous_calls(self, store):
        await store.aput(ALICE, "k", {"n": 1})
        assert (await store.aget(ALICE, "k")).value == {"n": 1}

    async def test_both_clients_see_the_same_items(self, memory, async_memory):
        store = MemoryOSStore(memory, async_client=async_memory)
        store.put(ALICE, "a", {"n": 1})
        await store.aput(ALICE, "b", {"n": 2})
        await store.adelete(ALICE, "a")
        assert keys(store.search(ALICE)) == keys(await store.asearch(ALICE)) == ["b"]

    async def test_an_asynchronous_client_serves_no_synchronous_calls(self, async_memory):
        store = MemoryOSStore(async_client=async_memory)
        with pytest.raises(TypeError, match="pass a MemoryOS as client"):
            store.get(ALICE, "k")

    def test_a_wrong_client_is_refused(self, memory):
        for wrong in ({}, {"client": "https://example.com"}, {"async_client": memory}):
            with pytest.raises(TypeError, match="MemoryOS"):
                MemoryOSStore(**wrong)

    def test_a_scoped_client_has_a_store_of_its_own(self, memory):
        stores = [MemoryOSStore(memory.scoped(app=app)) for app in ("shop", "bank")]
        stores[0].put(ALICE, "k", {"n": 1})
        assert stores[1].get(ALICE, "k") is None
        assert stores[1].search(()) == []

    def test_an_outage_is_an_error_and_no_empty_answer(self, down):
        store = MemoryOSStore(down)
        for call in (
            lambda: store.get(ALICE, "k"),
            lambda: store.search(ALICE),
            lambda: store.put(ALICE, "k", {}),
            store.list_namespaces,
        ):
            with pytest.raises(APIConnectionError):
                call()

    def test_the_namespace_rules_are_langgraphs(self, store):
        for wrong in ((), ("a.b",), ("",), ("langgraph", "x")):
            with pytest.raises(InvalidNamespaceError):
                store.put(wrong, "k", {})


async def test_users_who_write_at_the_same_time_stay_apart(async_memory):
    """A thousand items of two users, put interleaved."""
    store = MemoryOSStore(async_client=async_memory, index_fields=["text"])

    async def fill(user):
        for n in range(0, 500, 50):
            puts = [PutOp(user, str(m), {"text": f"{user[1]} {m}"}) for m in range(n, n + 50)]
            await store.abatch(puts)

    await asyncio.gather(fill(ALICE), fill(BOB))
    for user in (ALICE, BOB):
        found = await store.asearch(user, limit=1000)
        assert {item.value["text"] for item in found} == {f"{user[1]} {n}" for n in range(500)}
        ranked = await store.asearch(user, query=f"{BOB[1]} 77", limit=100)
        assert {item.namespace for item in ranked} == {user}
    assert len(await store.asearch(("users",), limit=2000)) == 1000
