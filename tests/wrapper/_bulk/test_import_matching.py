"""A memory of the account is the match of one memory of the file, whatever was interrupted."""

from __future__ import annotations

import itertools
import random
from collections import Counter
from contextlib import suppress
from datetime import datetime, timezone

import pytest

from memoryos._bulk.import_file import FileMemory, ImportFile
from memoryos._bulk.import_matching import Comparable, Matching
from memoryos._bulk.import_order import import_order
from memoryos._bulk.import_plan import ImportPlan


def memory(number, **fields):
    return {"id": f"id-{number}", "content": "the same", "metadata": {}, **fields}


def import_file(memories, parents=None):
    entries = [
        FileMemory(position + 2, position, memories[position])
        for position in import_order(memories)
    ]
    return ImportFile("x", entries, [], parents or {})


def matches(memories, account, parents=None):
    """Return the id of each match by the id in the file."""
    file = import_file(memories, parents)
    found = Matching(file, [Comparable(item) for item in account]).matches
    return {entry.memory["id"]: match and match["id"] for entry, match in zip(file.memories, found)}


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"external_id": "a group"},
        {"metadata": {"tags": ["a"]}},
        {"metadata": None, "external_id": ""},
        {"parent_memory_id": "elsewhere"},
    ],
)
@pytest.mark.parametrize("in_account", [0, 1, 2, 3, 4, 5])
@pytest.mark.parametrize("by_id", [0, 1, 2])
def test_as_many_are_missing_as_the_account_has_fewer(fields, in_account, by_id):
    """Some are known by their ids, others by their contents."""
    account = [
        memory(number if number <= by_id else 100 + number, **fields)
        for number in range(1, in_account + 1)
    ]
    found = matches([memory(number, **fields) for number in (1, 2, 3, 4)], account)
    assert list(found.values()).count(None) == max(0, 4 - in_account)
    used = [match for match in found.values() if match]
    assert len(used) == len(set(used))


def test_memories_with_one_external_id_are_not_taken_for_each_other():
    """As where it names a conversation: one line is there, two are missing."""
    lines = [memory(number, content=f"line {number}", external_id="talk") for number in (1, 2, 3)]
    assert matches(lines, [{**lines[1], "id": "new"}]) == {
        "id-1": None,
        "id-2": "new",
        "id-3": None,
    }
    others = [memory(9, content="line 9", external_id="talk", id=f"new-{n}") for n in (1, 2)]
    assert set(matches(lines, others).values()) == {None}


def test_an_external_id_of_one_memory_finds_it():
    """Although its content has changed."""
    there = memory(9, content="changed", external_id="mine")
    assert matches([memory(1, external_id="mine")], [there]) == {"id-1": "id-9"}


@pytest.mark.parametrize(
    ("there", "is_same"),
    [
        ({}, True),
        ({"metadata": None}, True),
        ({"external_id": None}, True),
        ({"external_id": ""}, True),
        ({"external_id": "theirs"}, True),
        ({"metadata": {"tags": [], "entities": []}}, True),
        ({"metadata": {"tags": ["a"]}}, False),
        ({"content": "THE SAME"}, False),
    ],
)
def test_a_field_that_is_missing_is_the_same_as_null(there, is_same):
    assert matches([memory(1)], [memory(9, **there)]) == {"id-1": "id-9" if is_same else None}


def test_two_external_ids_are_two_memories():
    assert matches([memory(1, external_id="a")], [memory(9, external_id="b")]) == {"id-1": None}


@pytest.mark.parametrize(
    ("one", "other", "is_same"),
    [(1, 1.0, True), (0, -0.0, True), (1, True, False), (0, "0", False)],
)
def test_a_number_that_a_service_writes_in_another_way_is_the_same(one, other, is_same):
    found = matches([memory(1, metadata={"a": [one]})], [memory(9, metadata={"a": [other]})])
    assert found == {"id-1": "id-9" if is_same else None}


@pytest.mark.parametrize("field", ["tier", "source_id", "memory_nature", "importance_score"])
@pytest.mark.parametrize("there", ["first", "second"])
def test_of_twins_that_differ_in_another_field_the_right_one_is_known(field, there):
    twins = [memory(1, **{field: "first"}), memory(2, **{field: "second"})]
    found = matches(twins, [memory(9, **{field: there})])
    expected = {"id-1": None, "id-2": None, "id-1" if there == "first" else "id-2": "id-9"}
    assert found == expected


@pytest.mark.parametrize("parent", [1, 2])
def test_of_twins_with_different_parents_the_right_one_is_known(parent):
    """By the id that the parent has in the account."""
    parents = [memory(1, content="p1"), memory(2, content="p2")]
    twins = [memory(3, parent_memory_id="id-1"), memory(4, parent_memory_id="id-2")]
    account = [
        memory(11, content="p1"),
        memory(12, content="p2"),
        memory(13, parent_memory_id=f"id-1{parent}"),
    ]
    found = matches([*parents, *twins], account)
    assert found[f"id-{parent + 2}"] == "id-13"
    assert found[f"id-{5 - parent}"] is None
    known = {"id-8": "id-11", "id-9": "id-12"}  # imported before, as a file of rejects says
    twins = [memory(3, parent_memory_id="id-8"), memory(4, parent_memory_id="id-9")]
    assert matches(twins, account, known)[f"id-{parent + 2}"] == "id-13"


class _InterruptedError(Exception):
    pass


def _import(chance, file, account, numbers, stop_after):
    """Import a file; the answer to the last creation may be lost."""
    plan = ImportPlan(file, [Comparable(item) for item in reversed(account)], "skip", "stop")
    plan.check(datetime.now(timezone.utc))
    for step in plan.steps():
        if step.action == "skip":
            plan.record(step, None)
            continue
        created = {**step.arguments, "id": f"new-{next(numbers)}"}
        if not stop_after and chance.random() < 0.5:
            raise _InterruptedError
        account.append(created)
        if not stop_after:
            raise _InterruptedError
        plan.record(step, created)
        stop_after -= 1
    return plan.report(dry_run=False)


def _contents(memories):
    """Return what there is, each memory with its parents."""
    by_id = {item["id"]: item for item in memories}

    def seen(item):
        parent = by_id.get(item.get("parent_memory_id"))
        fields = [item.get(name) or None for name in ("content", "external_id", "tier", "metadata")]
        return (repr(fields).replace("1.0", "1"), seen(parent) if parent else None)

    return Counter(map(seen, memories))


def _some_memories(chance):
    memories = []
    for number in range(chance.randint(1, 9)):
        time = f"2026-01-01T00:00:0{chance.randint(0, 2)}Z"
        item = memory(number, content=chance.choice("ab"), created_at=time)
        item["external_id"] = chance.choice(["X", "Y", "", None, None])
        item["metadata"] = chance.choice([{}, {"a": 1}, {"a": 1.0}, None])
        item["tier"] = chance.choice(["long", "short", None])
        if memories and chance.random() < 0.5:
            item["parent_memory_id"] = chance.choice(memories)["id"]
        memories.append(item)
    chance.shuffle(memories)
    return memories


def _remaining(chance, memories):
    """Return those memories that are left in an account when some are deleted."""
    kept = {item["id"] for item in memories if chance.random() < 0.6}
    while True:
        left = [
            item
            for item in memories
            if item["id"] in kept and item.get("parent_memory_id") in {None, *kept}
        ]
        if len(left) == len(kept):
            return left
        kept = {item["id"] for item in left}


@pytest.mark.parametrize("seeds", [range(start, start + 500) for start in (0, 500, 1000)])
def test_an_import_that_is_interrupted_at_random_ends_with_what_the_file_has(seeds):
    """Into an empty account, or into the one that it came from; then there is nothing to do."""
    for seed in seeds:
        chance = random.Random(seed)
        memories, numbers = _some_memories(chance), itertools.count()
        account = _remaining(chance, memories) if chance.random() < 0.4 else []
        file = import_file(memories)
        for _ in range(chance.randint(0, 4)):
            with suppress(_InterruptedError):
                _import(chance, file, account, numbers, chance.randint(0, len(memories)))
        _import(chance, file, account, numbers, len(memories) + 1)
        assert _contents(account) == _contents(memories), seed
        assert _import(chance, file, account, numbers, 0).created == 0, seed
