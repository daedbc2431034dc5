"""The filters of lists, searches and contexts, compared with the same conditions in Python."""

from __future__ import annotations

import random
from datetime import timedelta

import pytest

from memoryos_server.model.errors import ServiceError
from memoryos_server.model.json_equality import canonical_json
from memoryos_server.model.timestamps import format_timestamp, parse_timestamp

pytestmark = pytest.mark.both_stores

VALUES = (
    *(None, True, False, 0, 1, -1, 1.5, 1e2, 0.1, 10**30, 2**53 + 1, float(2**53), 1e23),
    *("", "1", "true", "null", "a\0b", "é", "e\u0301", "'; --", "%", "\\u0000", "🍵", "x" * 5000),
    *([], [1], [1, 2], [2, 1], [[]], {}, {"a": None}, {"b": [1], "a": {"c": 1, "d": 2}}, {"": 0}),
)
EQUAL_TO = (
    *((1.0, 1), (100, 1e2), (-0.0, 0), (10**23, 1e23), ([1.0, 2], [1, 2])),
    ({"a": {"d": 2.0, "c": 1}, "b": [1]}, {"b": [1], "a": {"c": 1, "d": 2}}),
)
KEYS = ("a", "A", "a.b", "$", "$.a", '"', "'", "", "a\0", "é", "[0]", "tags", "\\", "a=b", "#>")
KINDS = ("text", "fact", "event")


def test_metadata_are_equal_as_json(service, user_of):
    user = user_of(service)
    for value in VALUES:
        user.create("tea", tier="long", metadata={"k": value})
    user.create("tea", tier="long", metadata={"other": None})
    for value in VALUES:
        (memory,) = user.list(metadata={"k": value})
        assert canonical_json(memory["metadata"]["k"]) == canonical_json(value)
    for value, stored in EQUAL_TO:
        (memory,) = user.list(metadata={"k": value})
        assert memory["metadata"] == {"k": stored}


def test_keys_may_be_any_text(service, user_of):
    user = user_of(service)
    for key in KEYS:
        user.create("tea", tier="long", metadata={key: 1, "number": KEYS.index(key)})
    for number, key in enumerate(KEYS):
        assert [m["metadata"]["number"] for m in user.list(metadata={key: 1.0})] == [number]


def test_every_key_must_be_met(service, user_of):
    user = user_of(service)
    for metadata in ({}, {"a": 1}, {"b": 2}, {"a": 1, "b": 2}, {"a": 1, "b": 3}):
        user.create(str(metadata), tier="long", metadata=metadata)

    def found(**metadata):
        return [memory["metadata"] for memory in reversed(user.list(metadata=metadata))]

    assert found(a=1, b=2) == [{"a": 1, "b": 2}]
    assert found(a=1) == [{"a": 1}, {"a": 1, "b": 2}, {"a": 1, "b": 3}]
    assert found(a=1, b=None) == found(c=None) == []
    assert len(found()) == 5


@pytest.mark.parametrize("count", [8, 9, 256, 3000])
def test_filters_may_name_many_fields_and_tags(service, user_of, count):
    user = user_of(service)
    fields = {f"key {number}": number for number in range(count)}
    tags = [f"tag {number}" for number in range(min(count, 256))]
    user.create("tea", tier="long", metadata={**fields, "tags": tags})
    user.create("tea", tier="long", metadata={"key 0": 0, "tags": tags[1:]})
    (memory,) = user.list(metadata=fields, tags=[*tags, tags[0]])
    assert memory["metadata"]["tags"] == tags
    assert user.list(metadata={**fields, "more": 1}) == user.list(tags=[*tags, "more"]) == []
    assert len(user.search("tea", threshold=0, metadata=fields, tags=tags)["results"]) == 1


def test_what_is_updated_or_deleted_is_found_as_it_is_now(service, user_of, rows_of):
    user = user_of(service)
    memory = user.create("tea", tier="long", metadata={"a": 1, "b": 2})
    user.update(memory["id"], metadata={"a": 2})
    user.update(memory["id"], content="coffee")
    assert user.list(metadata={"a": 1}) == user.list(metadata={"b": 2}) == []
    assert len(user.list(metadata={"a": 2})) == 1
    user.delete(memory["id"])
    assert rows_of(service, "SELECT count(*) FROM memory_metadata") == [(0,)]


def test_times_of_creation_include_the_first_and_exclude_the_last(either, clock):
    for number in range(4):
        either.create(f"tea {number}", tier="long")
        clock.advance(microseconds=1)
    times = [parse_timestamp(memory["created_at"]) for memory in reversed(either.list())]

    def found(**filters):
        results = either.search("tea", threshold=0, **filters)["results"]
        listed = either.list(**filters)
        used = either.context("tea", **filters)["memories"]
        numbers = [sorted(int(m["content"][-1]) for m in each) for each in (results, listed, used)]
        assert numbers[0] == numbers[1] == numbers[2]
        return numbers[0]

    second = format_timestamp(times[1])
    assert found(created_after=second) == [1, 2, 3]
    assert found(created_before=second) == [0]
    assert found(created_after=second, created_before=format_timestamp(times[3])) == [1, 2]
    assert found(created_after=second, created_before=second) == []
    assert found(created_after=second.replace("Z", "5Z")) == [2, 3]
    assert found(created_before=second.replace("Z", "5Z")) == [0, 1]
    in_nepal = format_timestamp(times[1] + timedelta(hours=5, minutes=45)).replace("Z", "+05:45")
    assert found(created_after=in_nepal) == [1, 2, 3]


def test_a_time_that_no_memory_can_have_is_refused(either):
    out_of_range = "9999-12-31T23:59:59-01:00"
    for call, location in (
        (lambda: either.list(created_after=out_of_range), "query"),
        (lambda: either.search("tea", created_after=out_of_range), "body"),
        (lambda: either.context("tea", created_after=out_of_range), "body"),
    ):
        with pytest.raises(ServiceError, match=f"{location}.created_after: .*1 to 9999") as refused:
            call()
        assert refused.value.status == 400


@pytest.mark.parametrize("key", ["note-1", "", "x" * 4096, "a\0b", "é" * 4096, "🍵'%"], ids=ascii)
def test_an_external_id_is_looked_up_exactly_and_without_an_access(either, key):
    made = [either.create("tea", tier="long", external_id=key) for _ in range(2)]
    for other in (key + "x", "NOTE-1", None):
        either.create("tea", tier="long", external_id=other)
    found = either.list(external_id=key)
    assert [memory["id"] for memory in found] == [made[1]["id"], made[0]["id"]]
    assert [m["access_count"] for m in either.list(external_id=key)] == [0, 0]
    assert len(either.search("tea", threshold=0, external_id=key)["results"]) == 2
    assert len(either.context("tea", external_id=key)["memories"]) == 1  # the text is the same


def test_filters_name_the_owner_first(service, user_of):
    ada, bo = user_of(service, "ada"), user_of(service, "bo")
    for user in (ada, bo):
        user.create(
            f"tea of {user.caller.owner}", external_id="e", metadata={"a": 1, "tags": ["t"]}
        )
    for filters in ({"external_id": "e"}, {"metadata": {"a": 1}}, {"tags": ["t"]}):
        assert [memory["content"] for memory in ada.list(**filters)] == ["tea of ada"]
        assert bo.found("tea", threshold=0, **filters) == ["tea of bo"]


def test_pages_and_totals_count_what_the_filters_leave(service, user_of, clock):
    user = user_of(service)
    for number in range(12):
        tier = "short" if number < 4 else "long"
        user.create("tea", tier=tier, external_id="e", metadata={"odd": number % 2, "n": number})
    for total in (6, 4):  # at first, and without the expired ones
        page = user.page(metadata={"odd": 1}, external_id="e", limit=2, offset=1)
        assert [memory["metadata"]["n"] for memory in page.data] == [9, 7]
        assert page.meta["total"] == total
        assert page.meta["has_more"] is True
        clock.advance(days=2)
    assert user.page(metadata={"odd": 1}, external_id="e", tier="short").meta["total"] == 0


def test_a_search_finds_as_many_with_a_filter_as_without(either):
    """However well the memories that the filter leaves out match."""
    for number in range(700):
        either.create("green tea", tier="long", metadata={"n": number})
    wanted = {"tags": ["mine"], "user": "ada"}
    for number in range(30):
        content = f"green leaves of the tree number {number}"
        either.create(content, tier="long", content_type="fact", metadata=wanted, external_id="e")
    for filters in (
        {"metadata": {"user": "ada"}},
        {"tags": ["mine"]},
        {"external_id": "e"},
        {"content_type": "fact"},
    ):
        results = either.search("green tea", threshold=0, limit=25, **filters)["results"]
        assert len(results) == 25
        assert {result["metadata"]["user"] for result in results} == {"ada"}
        context = either.context("green tea", **filters)
        assert len(context["memories"]) == 30
        assert context["omitted"] == {"budget": 0, "duplicate": 0}


def random_memory(chance, number):
    tags = chance.sample(["red", "Grün", "t\0"], chance.randint(0, 3))
    metadata = {key: chance.choice(VALUES[:8]) for key in chance.sample(KEYS, 3)}
    return {
        "content": f"tea {number}",
        "tier": chance.choice(["short", "long"]),
        "content_type": chance.choice(KINDS),
        "metadata": {**metadata, "tags": tags},
        "external_id": chance.choice([None, "", "e", "E"]),
        "memory_nature": chance.choice(["semantic", "episodic"]),
    }


def random_filters(chance, known):
    """Some filters, mostly such that a memory meets them."""
    like, other = chance.choice(known), chance.choice(known)
    keys = chance.sample(sorted(like["metadata"]), chance.choice([0, 1, 2]))
    filters = {
        "tags": list(like["metadata"]["tags"]),
        "content_type": like["content_type"],
        "memory_nature": other["memory_nature"],
        "external_id": other["external_id"] or "",
        "metadata": {key: like["metadata"][key] for key in keys},
        "created_after": min(like["created_at"], other["created_at"]),
        "created_before": max(like["created_at"], other["created_at"]),
    }
    return {
        name: filters[name] for name in chance.sample(sorted(filters), chance.choice([1, 2, 3]))
    }


def meets(memory, filters):
    """Whether a memory meets the filters, by their definition in the contract."""

    def has(key, value):
        stored = memory["metadata"]
        return key in stored and canonical_json(stored[key]) == canonical_json(value)

    conditions = {
        "tags": lambda tags: set(tags) <= set(memory["metadata"]["tags"]),
        "metadata": lambda wanted: all(has(key, value) for key, value in wanted.items()),
        "created_after": lambda time: memory["created_at"] >= time,
        "created_before": lambda time: memory["created_at"] < time,
    }
    return all(
        conditions[name](value) if name in conditions else memory[name] == value
        for name, value in filters.items()
    )


@pytest.mark.parametrize("compared", [10_000, 10], ids=["few", "many"])
def test_random_filters_leave_what_meets_them(either, clock, store, compared, monkeypatch):
    if store == "postgres":  # of an owner with many memories, it looks at some only
        from memoryos_server.stores.postgres import search

        monkeypatch.setattr(search, "MAX_MEMORIES_COMPARED_IN_FULL", compared)
    chance = random.Random(14)
    for number in range(60):
        either.create(**random_memory(chance, number))
        clock.advance(seconds=chance.choice([0, 1]))
    known = either.list(limit=100)
    kinds = set()
    for _ in range(60):
        filters = random_filters(chance, known)
        expected = {memory["id"] for memory in known if meets(memory, filters)}
        page = either.page(limit=100, **filters)
        assert {memory["id"] for memory in page.data} == expected, filters
        assert page.meta["total"] == len(expected)
        results = either.search("tea", threshold=0, limit=100, **filters)["results"]
        assert {memory["id"] for memory in results} == expected, filters
        used = either.context("tea", **filters)["memories"]
        assert {memory["id"] for memory in used} == expected, filters
        kinds.add(min(len(expected), 2))
    assert kinds == {0, 1, 2}
