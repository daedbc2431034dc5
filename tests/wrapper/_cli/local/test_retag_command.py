"""`memoryos retag`: what was stored as the vendor's examples do becomes each user's own."""

from __future__ import annotations

import json

import pytest

from memoryos import MemoryOSError
from memoryos._sync.memories import Memories

WORDS = ("retag", "--where", "metadata.user_id", "--as", "user")


@pytest.fixture
def filled(memory, data):
    """More memories than a page has, of two users and of none."""
    for number in range(130):
        metadata = {"user_id": ("alice", "Bob B.")[number % 2], "tags": ["chat"], "n": number}
        memory.memories.create(f"n{number}", tier="long", metadata=metadata)
    memory.memories.create("of nobody", tier="long")
    return data


@pytest.fixture
def run_with(run, data, monkeypatch):
    """A function that runs the command while another function does the updates."""

    def run_with(update):
        with monkeypatch.context() as patch:
            patch.setattr(Memories, "update", update)
            return run(*WORDS, "--data", data)

    return run_with


def contents(memory, user):
    return {one["content"] for one in memory.scoped(user=user).memories.iterate()}


def test_each_user_gets_their_memories(run, memory, filled):
    """With all that they had; a second time there is nothing to do."""
    told = run(*WORDS, "--data", filled)
    assert told == (0, "130 memories tagged, 0 tagged already, 1 without metadata.user_id\n", "")
    assert contents(memory, "alice") == {f"n{number}" for number in range(0, 130, 2)}
    assert contents(memory, "Bob B.") == {f"n{number}" for number in range(1, 130, 2)}
    (newest,) = memory.scoped(user="Bob B.").memories.list(limit=1)["data"]
    assert newest["metadata"]["n"] == 129
    assert sorted(newest["metadata"]["tags"]) == ["chat", "user:%42ob%20%42."]
    again = json.loads(run(*WORDS, "--data", filled, "--json").out)
    assert (again["tagged"], again["already"], again["without"]) == (0, 130, 1)


def test_a_dry_run_changes_nothing(run, memory, filled):
    told = run(*WORDS, "--data", filled, "--dry-run")
    assert told.out.startswith("130 memories would be tagged, ")
    assert contents(memory, "alice") == set()


def test_a_memory_of_another_scope_stays_there(run, memory, data):
    """The status says that not all could be done."""
    for tags in (["user:bob"], "bob"):
        memory.memories.create("x", metadata={"user_id": "alice", "tags": tags})
    told = run(*WORDS, "--data", data)
    assert (told.status, told.out.split()[0]) == (1, "0")
    assert "left as they are: 1 memory with a tag of another scope" in told.err
    assert (
        "left as they are: 1 memory whose field is no text, or whose tags are no list" in told.err
    )
    assert contents(memory, "alice") == set()


def test_a_memory_that_was_changed_meanwhile_is_left_for_the_next_run(run, run_with, memory, data):
    """What somebody else wrote is not overwritten."""
    made = memory.memories.create("x", tier="long", metadata={"user_id": "alice"})
    update = Memories.update

    def changed_before(self, memory_id, **fields):
        update(memory.memories, memory_id, metadata={"user_id": "alice", "new": 1})
        return update(self, memory_id, **fields)

    told = run_with(changed_before)
    assert told.status == 1
    assert "1 memory changed or deleted meanwhile; run the command again" in told.err
    assert run(*WORDS, "--data", data).status == 0
    metadata = memory.memories.get(made["id"])["metadata"]
    assert metadata == {"user_id": "alice", "new": 1, "tags": ["user:alice"]}


def test_an_interrupted_run_is_continued(run, run_with, filled):
    """It says how far it got."""
    update, calls = Memories.update, []

    def failing(self, memory_id, **fields):
        calls.append(memory_id)
        if len(calls) > 50:
            raise MemoryOSError("INTERNAL_ERROR", "It is down", 503)
        return update(self, memory_id, **fields)

    told = run_with(failing)
    assert told.status == 1
    assert "stopped after 50 memories; to continue, run the command again" in told.err
    assert "80 memories tagged, 50 tagged already" in run(*WORDS, "--data", filled).out


@pytest.mark.parametrize(
    "words",
    [
        ["--where", "user_id", "--as", "user"],
        ["--where", "metadata.", "--as", "user"],
        ["--where", "metadata.user_id", "--as", ""],
        ["--where", "metadata.user_id"],
    ],
)
def test_what_can_t_be_meant_is_a_usage_error(run, data, words):
    assert run("retag", *words, "--data", data).status == 2
