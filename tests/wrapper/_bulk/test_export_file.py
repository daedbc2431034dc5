"""Exports are lossless, and what is damaged is found out before anything is imported."""

from __future__ import annotations

import json

import pytest

from memoryos import ValidationError
from memoryos._bulk import export_file as portability


def memory(number, **fields):
    """Return a memory as the service hands it out."""
    return {
        "id": f"id-{number}",
        "content": f"content {number} \u00e9\u4e2d\U0001f600",
        "metadata": {"n": number},
        "external_id": None,
        "parent_memory_id": None,
        "created_at": f"2026-01-0{number}T00:00:00Z",
        **fields,
    }


def exported(*memories):
    """Return the lines of an export."""
    lines = portability.Lines()
    middle = [lines.memory(item) for item in memories]
    return [lines.first({"tier": None}), *middle, lines.last()]


def test_what_is_exported_is_read_again_unchanged():
    """Field by field, the oldest first."""
    memories = [memory(2), memory(1)]
    assert portability.read(iter(exported(*memories)), "x") == memories[::-1]


@pytest.mark.parametrize(
    "damage",
    [
        lambda lines: lines[:-1],
        lambda lines: [lines[0], *lines[2:]],
        lambda lines: [*lines[:2], *lines[1:]],
        lambda lines: [line.replace(b"content 1", b"content 9") for line in lines],
        lambda lines: [*lines[:1], lines[1][:20], *lines[2:]],
        lambda lines: lines[1:],
        lambda lines: [lines[0].replace(b'"version":1', b'"version":2'), *lines[1:]],
        lambda lines: [],
        lambda lines: [b"\xff\xfe"],
    ],
    ids=["cut off", "a line less", "a line twice", "changed", "half a line", "no head", "newer",
         "empty", "binary"],
)  # fmt: skip
def test_a_damaged_file_is_refused(damage):
    """Whatever is missing, doubled or changed."""
    with pytest.raises(ValidationError, match="path"):
        portability.read(iter(damage(exported(memory(1), memory(2)))), "x")


def plan(memories, present=(), on_conflict="skip"):
    """Return what an import would do."""
    there = portability.Present()
    for item in present:
        there.add(item)
    return portability.Plan(memories, there, on_conflict)


def test_children_find_their_parents_under_their_new_ids():
    """The service gives new ids; the links follow."""
    work = plan([memory(1), memory(2, parent_memory_id="id-1")])
    for number, step in enumerate(work.steps()):
        work.done(step, {"id": f"new-{number}"})
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


def test_an_import_has_the_same_keys_each_time():
    """So that it can be repeated after an interruption."""
    keys = [step.idempotency_key for step in plan([memory(1), memory(2)]).steps()]
    assert keys == [step.idempotency_key for step in plan([memory(1), memory(2)]).steps()]
    assert len(set(keys)) == 2


def test_each_line_is_json_with_a_checksum():
    """So that other programs can read it."""
    first, line, last = map(json.loads, exported(memory(1)))
    assert (first["format"], last["count"]) == ("memoryos-export", 1)
    assert line["sha256"] == portability.checksum(line["memory"])
