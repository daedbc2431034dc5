"""What one client does with tags and entities."""

from __future__ import annotations

import pytest

from memoryos import ConflictError


def names(page):
    return [item["name"] for item in page["data"]]


def the_tags_of_memories_are_listed_with_how_many_carry_them(memory):
    made = memory.memories.create("one", metadata={"tags": ["work", "Art"]})
    memory.memories.create("two", metadata={"tags": ["work", "work"]})
    memory.memories.create("three", metadata={"tags": "no list"})
    counts = {tag["name"]: tag["memory_count"] for tag in memory.tags.list()["data"]}
    assert counts == {"Art": 1, "work": 2}
    memory.memories.delete(made["id"])
    counts = {tag["name"]: tag["memory_count"] for tag in memory.tags.list()["data"]}
    assert (counts["work"], counts.get("Art", 0)) == (1, 0)
    assert set(memory.tags.list()["data"][0]) == {
        "id",
        "name",
        "color",
        "description",
        "memory_count",
        "created_at",
        "updated_at",
    }


def tags_are_sorted_as_asked_and_by_name_by_default(memory):
    memory.memories.create("one", metadata={"tags": ["cherry"]})
    memory.memories.create("two", metadata={"tags": ["apple", "cherry"]})
    memory.memories.create("three", metadata={"tags": ["Banana", "apple", "cherry"]})
    assert names(memory.tags.list()) == ["apple", "Banana", "cherry"]
    for sort, expected in (
        ("name", ["apple", "Banana", "cherry"]),
        ("memory_count", ["Banana", "apple", "cherry"]),
        ("created_at", ["cherry", "apple", "Banana"]),
    ):
        assert names(memory.tags.list(sort=sort)) == expected
        assert names(memory.tags.list(sort=sort, order="desc")) == expected[::-1]


def tags_are_found_by_a_part_of_their_name_and_come_in_pages(memory):
    memory.memories.create("one", metadata={"tags": ["Work: home", "work: office", "play", "100%"]})
    assert names(memory.tags.list(search="WORK")) == ["Work: home", "work: office"]
    assert names(memory.tags.list(search="%")) == ["100%"]
    page = memory.tags.list(limit=1, offset=1, search="work")
    assert names(page) == ["work: office"]
    assert (page["meta"]["total"], page["meta"]["has_more"]) == (2, False)
    assert memory.tags.list(limit=1)["meta"]["has_more"] is True
    assert memory.tags.list(offset=9)["data"] == []


def an_entity_keeps_every_argument_and_has_defaults_for_the_rest(memory):
    made = memory.entities.create("Ada Lovelace", "person", ["Ada"], {"born": 1815})
    assert made == {
        "id": made["id"],
        "name": "Ada Lovelace",
        "type": "person",
        "aliases": ["Ada"],
        "metadata": {"born": 1815},
        "created_at": made["created_at"],
    }
    plain = memory.entities.create("Lisbon", "place")
    assert (plain["aliases"], plain["metadata"]) == ([], {})
    assert memory.entities.list()["data"] == [made, plain]


def entities_are_listed_by_name_and_narrowed_by_type_and_name(memory):
    for name, kind in (
        ("Lisbon", "place"),
        ("ada", "person"),
        ("Analytical Engine", "thing"),
        ("Royal Society", "organization"),
    ):
        memory.entities.create(name, kind)
    assert names(memory.entities.list()) == ["ada", "Analytical Engine", "Lisbon", "Royal Society"]
    assert names(memory.entities.list(type="place")) == ["Lisbon"]
    assert names(memory.entities.list(search="A")) == ["ada", "Analytical Engine", "Royal Society"]
    assert names(memory.entities.list(type="person", search="lis")) == []
    page = memory.entities.list(limit=3, offset=3)
    assert names(page) == ["Royal Society"]
    assert (page["meta"]["total"], page["meta"]["has_more"]) == (4, False)


def one_idempotency_key_makes_one_entity_and_has_nothing_to_do_with_memories(memory):
    made = memory.entities.create("Ada", "person", idempotency_key="key-1")
    assert memory.entities.create("Ada", "person", idempotency_key="key-1") == made
    with pytest.raises(ConflictError):
        memory.entities.create("Alan", "person", idempotency_key="key-1")
    memory.memories.create("Ada", idempotency_key="key-1")
    assert memory.entities.list()["meta"]["total"] == 1
