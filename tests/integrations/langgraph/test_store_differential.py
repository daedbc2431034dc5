"""The store does what LangGraph's own InMemoryStore does, whatever is done to it."""

from __future__ import annotations

import asyncio

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from langgraph.store.memory import InMemoryStore

from memoryos import AsyncMemoryOS, MemoryOS
from memoryos.integrations.langgraph import MemoryOSStore

from ...wrapper.stand_ins import (
    HasOtherTags,
    IgnoresTags,
    IgnoresUnknown,
    Lies,
    RefusesUnknown,
    StandIn,
)

pytestmark = pytest.mark.local_server

text = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
label = st.sampled_from(
    [
        "a",
        "A",
        "b",
        "a:b",
        "a,user:b",
        "*",
        "'\"",
        " ",
        "\u00e4",
        "a\u0308",
        "%61",
        "x" * 200,
        "langgraph",
    ]
) | text.filter(lambda label: label and "." not in label and "\0" not in label)
namespace = (
    st.lists(label, min_size=1, max_size=3)
    .map(tuple)
    .filter(lambda labels: labels[0] != "langgraph")
)
key = st.sampled_from(["k", "K", "", "tags", "a.b", "\0", "*"]) | text
number = st.integers(-(10**20), 10**20) | st.floats(allow_nan=False, allow_infinity=False)
leaf = st.none() | st.booleans() | st.integers(0, 2) | number | text
json_value = st.recursive(
    leaf,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(text, inner, max_size=3),
    max_leaves=6,
)
field = st.sampled_from(["color", "n", "tags", "entities", "", "value.n"]) | text
color = st.sampled_from(["red", "blue", "Red", ""])
value = st.fixed_dictionaries({}, optional={"color": color, "n": leaf, "tags": json_value}).flatmap(
    lambda known: st.dictionaries(field, json_value, max_size=2).map(lambda more: {**more, **known})
)
operators = st.dictionaries(
    st.sampled_from(["$eq", "$ne", "$gt", "$gte", "$lt", "$lte"]), leaf, min_size=1, max_size=2
)
conditions = st.none() | st.fixed_dictionaries(
    {}, optional={"color": color | operators, "n": leaf | operators, "tags": json_value}
)
page = st.tuples(st.integers(0, 6), st.integers(0, 3))


@st.composite
def histories(draw):
    """Operations on few addresses, so that they meet."""
    spaces = draw(st.lists(namespace, min_size=1, max_size=3))
    at = st.tuples(
        st.sampled_from(spaces), st.sampled_from(draw(st.lists(key, min_size=1, max_size=2)))
    )
    within = st.sampled_from(spaces).flatmap(
        lambda space: st.sampled_from([space[:depth] for depth in range(len(space) + 1)])
    )
    suffix = st.sampled_from(spaces).map(lambda space: space[-1:])
    pattern = st.sampled_from(spaces).map(lambda space: ("*", *space[1:]))
    index = st.sampled_from([None, None, False, ["color"]])
    operation = st.one_of(
        st.tuples(st.just("put"), at, value, index),
        st.tuples(st.just("put"), at, value, index),
        st.tuples(st.just("get"), at),
        st.tuples(st.just("delete"), at),
        st.tuples(st.just("search"), within, conditions, st.none() | color | text, page),
        st.tuples(
            st.just("list"),
            st.none() | within | pattern,
            st.none() | suffix | pattern,
            st.integers(0, 3),
            page,
        ),
    )
    return draw(st.lists(operation, min_size=5, max_size=25))


class Pair:
    """One operation on both stores, and the comparison of what they answer."""

    def __init__(self, ours):
        self.ours = ours
        self.reference = InMemoryStore()

    async def put(self, at, content, index):
        self.reference.put(*at, content, index)
        await self.ours.put(*at, content, index)

    async def get(self, at):
        expected, found = self.reference.get(*at), await self.ours.get(*at)
        assert (found and contents(found)) == (expected and contents(expected))

    async def delete(self, at):
        self.reference.delete(*at)
        await self.ours.delete(*at)

    async def search(self, space, wanted, query, page):
        try:
            everything = self.reference.search(space, filter=wanted, limit=1000)
        except (TypeError, ValueError):  # it compares only what float() takes
            everything = None
        limit, offset = page
        found = await self.ours.search(space, filter=wanted, query=query, limit=1000)
        part = await self.ours.search(space, filter=wanted, query=query, limit=limit, offset=offset)
        assert all(item.namespace[: len(space)] == space for item in found)
        # The order is ours, the same for the page as for the whole.
        if not query:
            assert part == found[offset : offset + limit]
        assert len(part) == len(found[offset : offset + limit])
        if everything is not None:
            assert by_address(found) == by_address(everything)

    async def list(self, start, end, depth, page):
        # The reference lists namespaces that have lost their last item, or were only read.
        for space in [space for space, items in self.reference._data.items() if not items]:
            del self.reference._data[space]
        limit, offset = page
        arguments = {
            "prefix": start,
            "suffix": end,
            "max_depth": depth or None,
            "limit": limit,
            "offset": offset,
        }
        found = await self.ours.list_namespaces(**arguments)
        assert found == self.reference.list_namespaces(**arguments)


class Synchronous:
    """The synchronous methods of a store, awaitable."""

    def __init__(self, store):
        self._store = store

    def __getattr__(self, name):
        async def method(*arguments, **options):
            return getattr(self._store, name)(*arguments, **options)

        return method


class Asynchronous:
    """The asynchronous methods of a store, by the names of the synchronous ones."""

    def __init__(self, store):
        self._store = store

    def __getattr__(self, name):
        return getattr(self._store, f"a{name}")


def contents(item):
    return item.namespace, item.key, item.value


def by_address(items):
    return sorted((contents(item) for item in items), key=lambda found: found[:2])


async def replay(pair, operations):
    for name, *arguments in operations:
        await getattr(pair, name)(*arguments)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(histories())
def test_the_store_answers_as_the_reference_does(operations):
    """Every put, get, delete, search and list of namespaces, in any order, of any text."""
    with MemoryOS.local(":memory:", embedder="hashing") as memory:
        asyncio.run(replay(Pair(Synchronous(MemoryOSStore(memory))), operations))


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(histories())
def test_the_asynchronous_store_answers_as_the_reference_does(operations):
    """Through the asynchronous client."""

    async def run():
        async with AsyncMemoryOS.local(":memory:", embedder="hashing") as memory:
            await replay(Pair(Asynchronous(MemoryOSStore(async_client=memory))), operations)

    asyncio.run(run())


SERVICES = [IgnoresUnknown, RefusesUnknown, IgnoresTags, HasOtherTags, Lies]


@pytest.mark.parametrize("behaviour", SERVICES[:2])
@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(operations=histories())
def test_the_store_answers_so_on_services_without_our_features(behaviour, operations):
    """The client does their work: it filters while it walks, and finds before it writes."""
    with StandIn(behaviour()).client() as memory:
        asyncio.run(replay(Pair(Synchronous(MemoryOSStore(memory))), operations))


@pytest.mark.parametrize("behaviour", SERVICES)
@pytest.mark.filterwarnings("ignore::memoryos.ScopeWarning")
def test_a_search_finds_all_items_though_those_of_others_match_better(behaviour):
    """Also on a service whose hits are all of somebody else."""
    with StandIn(behaviour()).client() as memory:
        store = MemoryOSStore(memory)
        others = [f"green tea {number}" for number in range(110)]
        memory.scoped(user="bob").memories.create_many(others)
        for number in range(3):
            store.put(("users", "alice"), str(number), {"text": "tea"})
        found = store.search(("users", "alice"), query="green tea")
        assert {item.key for item in found} == {"0", "1", "2"}
