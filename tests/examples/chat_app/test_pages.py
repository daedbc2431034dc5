"""The pages of the example chat, and the deletion of what they show."""

from __future__ import annotations

import re

import pytest

from .application import ON_FIXTURES, as_user, fake_answer, say

pytestmark = ON_FIXTURES


def test_the_memory_page_shows_a_user_their_own_memories(http):
    """Newest first, and never from a cache."""
    say(http, "alice", "I like tea")
    say(http, "alice", "I like cake", session="s2")
    say(http, "bob", "I like beer")
    page = http.get("/memories", headers=as_user("alice"))
    assert re.findall(r"<p>(.*?) <time>", page.text) == ["User: I like cake", "User: I like tea"]
    assert "about alice" in page.text
    assert "beer" not in page.text
    assert page.headers["Cache-Control"] == "no-store"
    assert "Nothing yet" in http.get("/memories", headers=as_user("carol")).text


def test_the_memory_page_says_how_many_memories_it_leaves_out(http, memoryos_local):
    """It shows the newest hundred."""
    memoryos_local.scoped(user="bob").memories.create("of bob")
    own = memoryos_local.scoped(user="alice").memories
    for result in own.create_many([{"content": f"number {index}"} for index in range(103)]):
        assert result.error is None
    page = http.get("/memories", headers=as_user("alice")).text
    assert page.count("<time>") == 100
    assert "And 3 older memories" in page


@pytest.mark.parametrize(
    "text",
    [
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "{{ user }} {% for %} & \" '",
        "</p></body><iframe srcdoc='x'>",
    ],
)
def test_what_users_write_is_no_html(http, text):
    """The page escapes it, and its headers forbid scripts; an answer is plain text."""
    answer = say(http, "alice", text)
    assert answer.headers["Content-Type"] == "text/plain; charset=utf-8"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    page = http.get("/memories", headers=as_user("alice"))
    (shown,) = re.findall(r"<p>User: (.*?) <time>", page.text, re.DOTALL)
    assert not re.search(r"[<>\"']", shown)
    assert "default-src 'none'" in page.headers["Content-Security-Policy"]


def test_the_page_inserts_text_as_text(http):
    """Its script has no way to make HTML of a text but the frame, in which no script runs."""
    page = http.get("/").text
    assert not re.search(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval\(", page)
    assert re.search(r'<iframe id="memories" sandbox ', page)


def test_forget_me_deletes_the_memories_of_one_user(http, memoryos_local):
    """The number is told; the others keep theirs."""
    for session in ("s1", "s2"):
        say(http, "alice", "I like tea", session=session)
    say(http, "bob", "I like tea")
    forgotten = http.delete("/memories", headers=as_user("alice"))
    assert forgotten.json() == {"deleted": 2, "tags_may_remain": False}
    (left,) = memoryos_local.memories.list()["data"]
    assert left["metadata"]["tags"] == ["user:bob"]
    assert say(http, "alice", "tea?", session="s3").text == fake_answer("tea?")


def test_an_open_conversation_doesn_t_bring_back_what_was_forgotten(http):
    """Another tab goes on with a conversation: only its new message is stored."""
    say(http, "alice", "I like tea")
    http.delete("/memories", headers=as_user("alice"))
    say(http, "alice", "I am back", history=[{"role": "user", "content": "I like tea"}])
    page = http.get("/memories", headers=as_user("alice")).text
    assert re.findall(r"<p>(.*?) <time>", page) == ["User: I am back"]
