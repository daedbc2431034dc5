"""`memoryos add`: a conversation from a file or a pipe, once."""

from __future__ import annotations

import json

import pytest

CHAT = [
    {"role": "system", "content": "Be brief"},
    {"role": "user", "content": "Ich heiße Zoë"},
    {"role": "assistant", "content": "Hello!"},
]


@pytest.fixture
def chat(tmp_path):
    """A file with a conversation."""
    file = tmp_path / "chat.json"
    file.write_text(json.dumps(CHAT), encoding="utf-8")
    return file


def contents(memory):
    return [one["content"] for one in memory.memories.iterate()][::-1]


def test_a_conversation_is_stored_once(run, data, memory, chat):
    """And the command says what it did."""
    words = ["add", "--data", data, "--session", "s", "--meta", "channel=web", chat]
    assert run(*words).out == "2 messages stored, 1 left out\n"
    assert run(*words).out == "0 messages stored, 2 skipped, 1 left out\n"
    assert contents(memory) == ["User: Ich heiße Zoë", "Assistant: Hello!"]
    (first,) = memory.memories.list(limit=1)["data"]
    assert first["metadata"]["channel"] == "web"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
@pytest.mark.parametrize("form", [CHAT, {"model": "gpt", "messages": CHAT}])
def test_a_request_of_a_chat_api_will_do(run, data, memory, form, encoding):
    """Also from a pipe, and as programs of Windows write it."""
    given = json.dumps(form, ensure_ascii=False).encode(encoding)
    assert run("add", "--data", data, "--session", "s", "-", stdin=given).status == 0
    assert len(contents(memory)) == 2


def test_json_says_what_was_done(jsonl, data, chat):
    """With the memories, for programs."""
    (told,) = jsonl("add", "--data", data, "--session", "s", chat)
    assert [one["content"] for one in told["stored"]] == [
        "User: Ich heiße Zoë",
        "Assistant: Hello!",
    ]
    assert told["left_out"] == [{"position": 0, "reason": "role"}]
    assert (told["updated"], told["skipped"], told["next_position"]) == ([], 0, 3)


def test_a_conflict_stores_nothing_unless_told_otherwise(run, data, memory, chat):
    """The options decide."""
    words = ["add", "--data", data, "--session", "s"]
    other = json.dumps([{"role": "user", "content": "Bye"}])
    run(*words, chat)
    refused = run(*words, "-", "--start", "1", stdin=other)
    assert (refused.status, len(contents(memory))) == (1, 2)
    assert "has other messages at position 1" in refused.err
    assert "--start N, --append, --on-conflict update" in refused.err
    updated = run(*words, "-", "--start", "1", "--on-conflict", "update", stdin=other)
    assert updated.out == "0 messages stored, 1 updated\n"
    assert run(*words, "-", "--append", stdin=other).out == "1 message stored\n"
    assert contents(memory) == ["User: Bye", "Assistant: Hello!", "User: Bye"]


@pytest.mark.parametrize(
    "text", ["", "Hello", "5", '{"role": "user"}', '{"messages": {}}', "[" * 9999]
)
def test_a_file_without_messages_is_named(run, data, tmp_path, text):
    file = tmp_path / "chat.txt"
    file.write_text(text, encoding="utf-8")
    result = run("add", "--data", data, "--session", "s", file)
    assert result.status == 2
    assert f"{file} must be a JSON list of messages" in result.err


def test_a_key_that_is_there_twice_is_refused(run, data, memory):
    """One of the texts would be lost."""
    given = '[{"role": "user", "content": "a", "content": "b"}]'
    result = run("add", "--data", data, "--session", "s", "-", stdin=given)
    assert result.status == 2
    assert "standard input has the key 'content' twice" in result.err
    assert contents(memory) == []


def test_a_file_that_can_t_be_read_is_named(run, data, tmp_path):
    """Missing, or in no known encoding."""
    missing = run("add", "--data", data, "--session", "s", tmp_path / "none.json")
    assert (missing.status, "none.json" in missing.err) == (1, True)
    file = tmp_path / "latin-1.json"
    file.write_bytes("[{'é".encode("latin-1"))
    unknown = run("add", "--data", data, "--session", "s", file)
    assert unknown.status == 2
    assert f"{file} is not UTF-8" in unknown.err


def test_a_message_that_is_none_is_named(run, data, memory):
    """Before anything is stored."""
    given = json.dumps([*CHAT, {"role": "robot", "content": "x"}])
    result = run("add", "--data", data, "--session", "s", "-", stdin=given)
    assert (result.status, contents(memory)) == (2, [])
    assert "messages[3].role must be one of user, assistant" in result.err
