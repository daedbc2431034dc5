"""From a chat message to a line: what is stored of it, what is left out, and what is no message."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from enum import Enum

import pytest

from memoryos import ValidationError
from memoryos._bulk.chat_messages import as_list, read_messages


def lines(*messages):
    """Return the contents and the metadata of the messages to store."""
    return [(line.content, line.fields) for line in read_messages(list(messages))[0]]


def said(content, **fields):
    """Return a message of a user."""
    return {"role": "user", "content": content, **fields}


def test_a_line_has_the_speaker_in_front():
    """The name if there is one, otherwise the role; both are in the metadata as well."""
    assert lines(
        said("I moved to Lisbon", name=" Ada \t Lovelace "),
        said("When?\nAnd why?"),
        {"role": "assistant", "content": "In May", "name": None, "tool_calls": None, "id": "x"},
    ) == [
        ("Ada Lovelace: I moved to Lisbon", {"speaker": "Ada Lovelace", "role": "user"}),
        ("User: When?\nAnd why?", {"speaker": "User", "role": "user"}),
        ("Assistant: In May", {"speaker": "Assistant", "role": "assistant"}),
    ]


def test_the_text_is_the_value_of_an_enums_member():
    """Which an f-string would write by its name."""
    texts = Enum("Texts", {"HELLO": "Hello", "ADA": "Ada"}, type=str)
    assert lines(said(texts.HELLO, name=texts.ADA)) == [
        ("Ada: Hello", {"speaker": "Ada", "role": "user"})
    ]


def test_parts_are_joined_without_pictures():
    """In the forms of both of OpenAI's APIs."""
    picture = {"type": "image_url", "image_url": {"url": "https://host/cat.png"}}
    texts = [{"type": kind, "text": kind} for kind in ("text", "input_text", "output_text")]
    assert lines(said([picture, *texts]), said(tuple(texts[:1]))) == [
        ("User: text\ninput_text\noutput_text", {"speaker": "User", "role": "user"}),
        ("User: text", {"speaker": "User", "role": "user"}),
    ]


def test_what_is_no_text_of_a_speaker_is_left_out_with_the_reason():
    """Instructions, tools and their calls, pictures alone, blanks; by position."""
    roles = ["system", "developer", "tool", "function"]
    messages = [{"role": role, "content": "x"} for role in roles]
    messages += [{"role": "assistant", "content": None, "tool_calls": [{}]}, said(" \n")]
    messages += [said([{"type": "input_audio"}]), {"role": "assistant"}, said("here")]
    stored, left_out = read_messages(messages)
    assert [line.offset for line in stored] == [8]
    reasons = ["role"] * 4 + ["empty"] * 4
    assert left_out == list(enumerate(reasons))


@pytest.mark.parametrize(
    "time",
    [
        datetime(2026, 11, 2, 9, 15, tzinfo=timezone(timedelta(hours=1))),
        "2026-11-02T09:15:00+01:00",
        1793607300,
        1793607300.0,
    ],
)
@pytest.mark.parametrize("field", ["created_at", "timestamp"])
def test_the_time_of_a_message_is_kept_as_utc(field, time):
    ((_, fields),) = lines(said("x", **{field: time}))
    assert fields["at"] == "2026-11-02T08:15:00Z"


@pytest.mark.parametrize(
    ("message", "complaint"),
    [
        ("Hello", r"messages\[1\] must be a dict with role and content; .* got a str"),
        ({"content": "x"}, r"messages\[1\].role must be one of user, assistant, .*; got None"),
        ({"role": "robot", "content": "x"}, r"messages\[1\].role .* got 'robot'"),
        ({"role": ["user"], "content": "x"}, r"messages\[1\].role .* got \['user'\]"),
        (said(5), r"messages\[1\].content must be a text or a list of parts; got 5"),
        (said({"text": "x"}), r"messages\[1\].content must be a text or a list of parts"),
        (said(["x"]), r"messages\[1\].content\[0\] must be a dict; got 'x'"),
        (said([{"type": "text"}]), r"messages\[1\].content\[0\].text must be a text; got None"),
        (said([{"text": "Hi"}]), r"messages\[1\].content\[0\].type must be a text; got None"),
        (said("\ud800"), r"messages\[1\].content must not contain unpaired surrogates"),
        (said("x", name=""), r"messages\[1\].name must be a name of 1 to 64 characters; got ''"),
        (said("x", name="x" * 65), r"messages\[1\].name must be a name of 1 to 64 characters"),
        (said("x", name="a\x1b"), r"messages\[1\].name must be a name of 1 to 64 characters"),
        (said("x", name=5), r"messages\[1\].name must be a name"),
        (said("x", created_at="May"), r"messages\[1\].created_at must be a datetime with a time z"),
        (said("x", created_at=datetime(2026, 1, 1)), r"created_at must be a datetime with a time"),  # noqa: DTZ001
        (
            said("x", created_at=datetime.min.replace(tzinfo=timezone(timedelta(hours=1)))),
            r"messages\[1\].created_at must be a datetime with a time zone",
        ),
        (said("x", timestamp=True), r"messages\[1\].timestamp must be a datetime with a time zone"),
        (said("x", timestamp=1e300), r"messages\[1\].timestamp must be a datetime"),
        (said("x", timestamp=float("nan")), r"messages\[1\].timestamp must be a datetime"),
    ],
)
def test_what_is_no_message_is_named_with_the_rule(message, complaint):
    with pytest.raises(ValidationError, match=complaint):
        read_messages([said("first"), message])


@pytest.mark.parametrize("messages", ["Hello", b"Hello", said("x"), 5, None])
def test_messages_that_are_no_list_are_named(messages):
    with pytest.raises(ValidationError, match="messages must be a list of dicts"):
        as_list(messages)


def test_messages_may_come_from_a_generator():
    assert as_list(said(text) for text in "ab") == [said("a"), said("b")]
