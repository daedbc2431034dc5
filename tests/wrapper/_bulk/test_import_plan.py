"""Import plan: conflicts, updates and parents."""

from __future__ import annotations

import pytest

from memoryos import InvalidResponseError, ValidationError
from memoryos._bulk.import_file import FileMemory, ImportFile
from memoryos._bulk.import_matching import Comparable
from memoryos._bulk.import_plan import ImportPlan


def memory(number, **fields):
    """Return a memory as the service returns it."""
    return {
        "id": f"id-{number}",
        "content": f"content {number} \u00e9\u4e2d\U0001f600",
        "metadata": {"n": number},
        "external_id": None,
        "parent_memory_id": None,
        "created_at": f"2026-01-0{number}T00:00:00Z",
        **fields,
    }


def plan(memories, existing_memories=(), on_conflict="skip"):
    """Return the plan of an import."""
    entries = [FileMemory(line, line, item) for line, item in enumerate(memories, start=2)]
    account = [Comparable(item) for item in existing_memories]
    return ImportPlan(ImportFile("x", entries, [], {}), account, on_conflict, "stop")


def test_children_find_their_parents_under_their_new_ids():
    """The service gives new ids; the links follow."""
    work = plan([memory(1), memory(2, parent_memory_id="id-1")])
    for number, step in enumerate(work.steps()):
        work.record(step, {"id": f"new-{number}"})
        last = step
    assert last.arguments["parent_memory_id"] == "new-0"


@pytest.mark.parametrize(
    ("there", "same"),
    [
        (memory(1), True),
        (memory(1, id="other"), True),
        (memory(1, id="other", metadata={}), False),
        (memory(5, id="other", external_id="mine"), True),
    ],
    ids=["by id", "by content", "other metadata", "by reference"],
)
def test_a_conflict_is_the_same_id_reference_or_content(there, same):
    """And nothing else."""
    work = plan([memory(1, external_id="mine")], [there])
    assert [step.action for step in work.steps()] == ["skip" if same else "create"]


@pytest.mark.parametrize("there", [0, 1, 2, 3])
def test_memories_with_equal_contents_are_all_imported(there):
    """An import that was interrupted between them goes on after the first."""
    twins = [memory(1), memory(1, id="id-2"), memory(1, id="id-3", tier="long")]
    copies = [memory(1, id=f"new-{number}") for number in range(there)]
    actions = [step.action for step in plan(twins, copies).steps()]
    assert actions == ["skip"] * there + ["create"] * (3 - there)


def test_a_memory_that_is_known_by_its_id_is_not_taken_for_another_one():
    """By content, wherever it is in the file."""
    work = plan([memory(1, id="id-2"), memory(1)], [memory(1)])
    assert [step.action for step in work.steps()] == ["create", "skip"]


@pytest.mark.parametrize("file", [("content 1", "another"), ("another", "content 1")])
def test_an_id_that_is_in_a_file_twice_is_known_once(file):
    """A match is used up, by the memory that is equal in its content, too."""
    there = memory(1, content="content 1")
    actions = [
        step.action for step in plan([memory(1, content=text) for text in file], [there]).steps()
    ]
    assert actions == ["skip" if text == "content 1" else "create" for text in file]


@pytest.mark.parametrize(
    ("value", "there"), [(True, 1), (False, 0), ([1, {"a": 0}], [1, {"a": 0.0}])]
)
def test_an_update_of_metadata_tells_values_apart_that_python_takes_for_equal(value, there):
    work = plan([memory(1, metadata={"a": value})], [memory(1, metadata={"a": there})], "update")
    (step,) = work.steps()
    assert step.arguments == {"metadata": {"a": value}}


def test_updating_sends_only_what_differs():
    """A memory that is the same already is left alone."""
    work = plan([memory(1, tier="long")], [memory(1, tier="short")], "update")
    (step,) = work.steps()
    assert (step.action, step.arguments) == ("update", {"tier": "long"})
    assert [step.action for step in plan([memory(1)], [memory(1)], "update").steps()] == ["skip"]


def test_a_conflict_that_is_an_error_stops_everything_before_it_begins():
    """Before the first step."""
    with pytest.raises(ValidationError, match="id-1"):
        plan([memory(1)], [memory(1)], "error")


@pytest.mark.parametrize(
    "odd", [{"content": None}, {"content": ["a"]}, {"external_id": ["a"]}, {"external_id": {}}]
)
def test_a_memory_of_other_types_is_compared_by_its_other_fields(odd):
    """In the account, in the file and in both."""
    there = memory(1, external_id="mine")
    for pair in [(odd, {}), ({}, odd), (odd, odd)]:
        known, given = ({**there, **fields} for fields in pair)
        assert [step.action for step in plan([given], [known]).steps()] == ["skip"]
        given["id"] = "other"
        matches = bool({"content", "external_id"} - set().union(*pair))
        expected = "skip" if matches else "create"
        assert [step.action for step in plan([given], [known]).steps()] == [expected]


def test_memories_without_a_content_are_not_the_same():
    """Unless their ids or external ids are."""
    work = plan([memory(1, content=None)], [memory(1, id="other", content=None)])
    assert [step.action for step in work.steps()] == ["create"]


@pytest.mark.parametrize("result", [{}, {"id": None}, {"id": ["a"]}])
def test_a_stored_memory_without_an_id_is_an_error(result):
    """Its children could not be linked to it."""
    work = plan([memory(1)])
    with pytest.raises(InvalidResponseError, match="the stored memory has no id"):
        work.record(next(work.steps()), result)


def test_an_odd_memory_has_arguments():
    """With an unpaired surrogate in its id and its metadata, and a parent of another type."""
    odd = memory(1, id="\ud800", metadata={"a": float("inf")}, parent_memory_id=["a"])
    (step,) = plan([odd]).steps()
    assert step.arguments["parent_memory_id"] == ["a"]


def test_an_update_clears_tags_that_the_file_does_not_have():
    """A service may keep tags that new metadata doesn't name. Afterwards nothing differs."""
    there = memory(1, metadata={"n": 1, "tags": ["a"], "entities": []})
    (step,) = plan([memory(1)], [there], "update").steps()
    assert step.arguments == {"metadata": {"tags": [], "n": 1}}
    for metadata in ({"n": 1}, {"n": 1, "tags": []}):
        (step,) = plan([memory(1)], [memory(1, metadata=metadata)], "update").steps()
        assert step.action == "skip"


def test_metadata_that_is_nested_deeply_is_compared():
    deep = []
    for _ in range(100_000):
        deep = [deep]
    for metadata in ({"a": deep}, {"n": 1}):
        work = plan([memory(1, metadata=metadata)], [memory(1, metadata={"a": deep})], "update")
        assert [step.action for step in work.steps()] == ["update"]


@pytest.mark.parametrize(
    ("existing", "count"), [(1, "1 existing memory"), (2, "2 existing memories")]
)
def test_the_error_about_existing_memories_counts_them(existing, count):
    memories = [memory(number) for number in range(1, existing + 1)]
    with pytest.raises(ValidationError, match=f"got {count}, such as id-1 in line 2"):
        plan(memories, memories, "error")
