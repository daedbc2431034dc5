"""Commands in a scope: each reads, stores, changes and deletes there only."""

from __future__ import annotations

import json

import pytest

ALICE = ("--user", "alice")
SECRET = "Bob earns 5,000 a month"


@pytest.fixture
def bobs(memory):
    """A memory of another user, and one of nobody."""
    memory.memories.create("Rules of the house", tier="long")
    return memory.scoped(user="bob").memories.create(SECRET, tier="long", external_id="pay")


def contents(memory, user):
    """Return the contents of a user's memories, in the order of creation."""
    return [one["content"] for one in memory.scoped(user=user).memories.iterate()][::-1]


@pytest.mark.parametrize(
    "words",
    [
        ["search", "--threshold", "0", SECRET],
        ["search", "--threshold", "0", "--tag", "user:bob", SECRET],
        ["context", SECRET],
        ["list"],
        ["list", "--all", "--json"],
        ["list", "--external-id", "pay"],
        ["export", "-"],
        ["get", "--external-id", "pay"],
        ["stats"],
        ["stats", "--full"],
    ],
)
def test_a_command_that_reads_shows_nothing_foreign(run, data, bobs, words):
    """But what it shows without the scope shows that it would."""
    assert SECRET not in run(*words, "--data", data, *ALICE).out
    if words[0] != "stats":
        bob = [word for word in words if word not in ("--tag", "user:bob")]
        assert SECRET in run(*bob, "--data", data, "--user", "bob").out
    assert "1 memory" in run("stats", "--data", data, "--user", "bob").out
    assert "0 memories" in run("stats", "--data", data, *ALICE).out


def test_the_statistics_of_a_scope_say_whose_they_are(run, data, bobs):
    """There are two memories on this machine."""
    told = run("stats", "--data", data, "--user", "bob", "--scope", "session=s\n1")
    assert told.lines[0] == "0 memories of user bob, session s 1 on this machine"
    assert run("stats", "--data", data).lines[0] == "2 memories on this machine"


def test_the_scope_may_come_before_the_command(run, data, bobs):
    assert SECRET in run("--data", data, "--user", "bob", "list").out
    assert SECRET not in run("--data", data, "--user", "bob", "--scope", "k=v", "list").out


@pytest.mark.parametrize(
    "words",
    [["get"], ["update", "--content", "x"], ["delete", "--yes"]],
)
def test_a_foreign_id_is_not_found(run, data, memory, bobs, words):
    """And nothing is changed."""
    command, *options = words
    assert run(command, bobs["id"], *options, "--data", data, *ALICE).status == 3
    assert contents(memory, "bob") == [SECRET]


def test_what_is_stored_belongs_to_the_scope(run, data, memory, tmp_path):
    """One memory, one of each line, a conversation, and an import of another user's export."""
    own = ("--data", data, *ALICE)
    assert run("create", *own, "--tier", "long", "--tag", "user:bob", "one").status == 0
    assert run("create", *own, "--lines", stdin="two\nthree\n").status == 0
    chat = tmp_path / "chat.json"
    chat.write_text(json.dumps([{"role": "user", "content": "four"}]), encoding="utf-8")
    assert run("add", *own, "--session", "s", chat).status == 0
    assert contents(memory, "alice")[0] == "one"
    assert sorted(contents(memory, "alice")) == ["User: four", "one", "three", "two"]
    assert contents(memory, "bob") == []
    file = tmp_path / "alice.jsonl"
    assert run("export", *own, file).status == 0
    assert run("import", "--data", data, "--user", "carol", file).status == 0
    assert sorted(contents(memory, "carol")) == sorted(contents(memory, "alice"))


def test_a_memory_is_upserted_by_its_external_id(run, data, memory, jsonl):
    """In its scope: another user's memory of the same id stays."""
    for user, text in (("alice", "tea"), ("bob", "milk"), ("alice", "coffee")):
        words = ["--tier", "long", "--upsert", "--external-id", "drink", text]
        assert run("create", "--data", data, "--user", user, *words).status == 0
    assert (contents(memory, "alice"), contents(memory, "bob")) == (["coffee"], ["milk"])
    (found,) = jsonl("get", "--data", data, *ALICE, "--external-id", "drink")
    assert found["content"] == "coffee"
    assert run("create", "--data", data, "--upsert", "x").status == 2
    assert run("create", "--data", data, "--upsert", "--external-id", "x", "--lines").status == 2
    assert run("get", "--data", data, "--external-id", "food").status == 3
    assert run("get", "--data", data).status == 2


def test_tags_are_replaced_within_the_scope(run, data, memory, jsonl):
    made = memory.scoped(user="alice").memories.create("x", tier="long", tags=["a"])
    words = [made["id"], "--data", data, *ALICE, "--tag", "b", "--tag", "user:bob"]
    (changed,) = jsonl("update", *words)
    assert sorted(changed["metadata"]["tags"]) == ["b", "user:alice"]


def test_forget_deletes_the_memories_of_a_scope_only(run, data, memory, bobs):
    """As many as there are, without asking where nobody can be asked."""
    for number in range(120):
        memory.scoped(user="alice", session=str(number % 2)).memories.create(f"n{number}")
    own = ("--data", data, *ALICE)
    assert run("forget", *own, "--scope", "session=1").out == "60 memories deleted\n"
    assert json.loads(run("forget", *own, "--json").out)["deleted"] == 60
    assert run("forget", *own).out == "0 memories deleted\n"
    assert contents(memory, "bob") == [SECRET]
    assert memory.memories.list()["meta"]["total"] == 2


def test_forget_needs_a_scope(run, data, memory, bobs):
    """Nobody deletes an account by leaving out an option."""
    result = run("forget", "--data", data, "--yes")
    assert (result.status, result.out) == (2, "")
    assert "--user" in result.err
    assert run("forget", "--data", data, "--user", "").status == 2
    assert memory.memories.list()["meta"]["total"] == 2


@pytest.mark.filterwarnings("default")
def test_a_warning_is_a_line(run, data, bobs, monkeypatch):
    """Of the service that doesn't find what it stored by its tags."""
    from memoryos._sync.tag_probe import TagProbe

    monkeypatch.setattr(TagProbe, "_is_found", lambda *_: False)
    told = run("create", "--data", data, *ALICE, "x")
    assert (told.status, told.err.count("\n")) == (0, 1)
    assert told.err.startswith("warning: The service doesn't find ")
