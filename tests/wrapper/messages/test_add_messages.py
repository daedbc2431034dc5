"""Conversations: stored once, in order, and never one message in place of another."""

from __future__ import annotations

import asyncio
from enum import Enum

import pytest

from memoryos import AsyncMemoryOS, ConflictError, MemoryOS, MemoryOSError, ValidationError

from ..stand_ins import BEHAVIOURS, StandIn

pytestmark = pytest.mark.local_server

CHAT = [
    {"role": "system", "content": "You are helpful"},
    {"role": "user", "content": "I moved to Lisbon", "name": "Ada"},
    {"role": "assistant", "content": "How is it?"},
    {"role": "user", "content": "Warm", "name": "Ada"},
]
LINES = ["Ada: I moved to Lisbon", "Assistant: How is it?", "Ada: Warm"]


@pytest.fixture(params=sorted(BEHAVIOURS))
def stand_in(request):
    """A client of another service."""
    service = StandIn(BEHAVIOURS[request.param]())
    with service.client() as client:
        yield client


@pytest.fixture
def memory():
    with MemoryOS.local(":memory:", embedder="hashing") as client:
        yield client


def contents(memory):
    """Return what is stored, in the order of creation."""
    return [one["content"] for one in memory.memories.iterate()][::-1]


def said(*texts):
    """Return messages of a user."""
    return [{"role": "user", "content": text} for text in texts]


def test_messages_become_memories_of_their_session(memory):
    """In order, with all that finds them again."""
    report = memory.memories.add_messages(
        CHAT, session="chat 1", tier="medium", tags=["home"], metadata={"channel": "web"}
    )
    assert contents(memory) == [one["content"] for one in report.stored] == LINES
    first = report.stored[0]
    assert first["metadata"].pop("tags") == ["home"]
    assert first["metadata"] == {
        "channel": "web",
        "session": "chat 1",
        "position": 1,
        "speaker": "Ada",
        "role": "user",
    }
    assert first["content_type"] == "conversation"
    assert first["external_id"] == "chat 1#1"
    assert first["tier"] == "medium"
    assert [(one.position, one.reason) for one in report.left_out] == [(0, "role")]
    assert (report.skipped, report.updated, report.next_position) == (0, [], 4)


def test_the_report_shows_no_memory(memory):
    """A log gets numbers."""
    assert "Lisbon" not in repr(memory.memories.add_messages(CHAT, session="s"))


def test_what_is_stored_is_skipped(memory):
    """The whole conversation again and again, longer each time."""
    for end in range(len(CHAT) + 1):
        report = memory.memories.add_messages(CHAT[:end], session="s")
        assert report.next_position == end
    again = memory.memories.add_messages(CHAT, session="s")
    assert (again.stored, again.skipped) == ([], 3)
    assert contents(memory) == LINES


def test_a_message_is_found_again_without_its_idempotency_key(memory):
    """A day later the service has forgotten the key; another key stands for that here."""
    (stored,) = memory.memories.add_messages(said("Hello"), session="s").stored
    memory.memories.delete(stored["id"])
    fields = {name: stored[name] for name in ("content", "content_type", "external_id", "metadata")}
    memory.memories.create(**fields)
    assert memory.memories.add_messages(said("Hello"), session="s").skipped == 1


def test_new_messages_alone_need_their_position(memory):
    """Otherwise the second turn would pass for the first one, and be lost."""
    first = memory.memories.add_messages(said("Hello"), session="s")
    with pytest.raises(ConflictError, match="has other messages at position 0") as caught:
        memory.memories.add_messages(said("Bye"), session="s")
    assert caught.value.details["positions"] == [0]
    memory.memories.add_messages(said("Bye"), session="s", start=first.next_position)
    assert contents(memory) == ["User: Hello", "User: Bye"]


def test_what_is_left_out_has_its_position_in_the_session(memory):
    """Not among the messages of the call."""
    new = [*said("Bye"), {"role": "system", "content": "Be brief"}]
    report = memory.memories.add_messages(new, session="s", start=5)
    assert [one.position for one in report.left_out] == [6]


def test_messages_are_added_at_the_end(memory):
    """Without a position, also if nothing is stored, and each time."""
    for number in range(3):
        report = memory.memories.add_messages(said("Yes"), session="s", start=None)
        assert report.next_position == number + 1
    assert contents(memory) == ["User: Yes"] * 3


def test_nothing_is_stored_if_a_message_differs(memory):
    memory.memories.add_messages(said("a", "b", "c"), session="s")
    with pytest.raises(ConflictError, match=r"positions 1, 2\. Nothing was stored"):
        memory.memories.add_messages(said("a", "B", "C", "d"), session="s")
    assert contents(memory) == ["User: a", "User: b", "User: c"]


def test_a_message_that_differs_is_updated_on_request(memory):
    """With its speaker; the others stay."""
    memory.memories.add_messages(said("a", "b"), session="s", metadata={"channel": "web"})
    edited = [*said("a"), {"role": "user", "name": "Ada", "content": "B"}, *said("c")]
    report = memory.memories.add_messages(edited, session="s", on_conflict="update")
    assert (len(report.stored), len(report.updated), report.skipped) == (1, 1, 1)
    (updated,) = report.updated
    assert updated["content"] == "Ada: B"
    assert updated["metadata"]["speaker"] == "Ada"
    assert updated["metadata"]["channel"] == "web"
    assert contents(memory) == ["User: a", "Ada: B", "User: c"]


def test_of_two_memories_at_a_position_the_newest_is_updated(memory):
    """Such as those of two programs that wrote different messages at the same time."""
    for text, position in (("end", 1), ("a", 0), ("b", 0)):
        metadata = {"session": "s", "position": position}
        memory.memories.create(text, content_type="conversation", metadata=metadata)
    memory.memories.add_messages(said("c", "d"), session="s", on_conflict="update")
    assert contents(memory) == ["User: d", "a", "User: c"]


@pytest.mark.parametrize("position", [False, 0.0, "0", None])
def test_what_is_no_position_says_nothing_of_a_message(memory, position):
    metadata = {"session": "s", "position": position}
    memory.memories.create("other", content_type="conversation", metadata=metadata)
    report = memory.memories.add_messages(said("a"), session="s")
    assert (len(report.stored), report.skipped) == (1, 0)


def test_a_message_that_differs_is_skipped_on_request(memory):
    memory.memories.add_messages(said("a"), session="s")
    report = memory.memories.add_messages(said("A", "b"), session="s", on_conflict="skip")
    assert (report.skipped, contents(memory)) == (1, ["User: a", "User: b"])


def test_a_deleted_message_is_stored_again(memory):
    """Also while the service remembers that it created this one before."""
    (stored,) = memory.memories.add_messages(said("Hello"), session="s").stored
    memory.memories.delete(stored["id"])
    (again,) = memory.memories.add_messages(said("Hello"), session="s").stored
    assert memory.memories.get(again["id"])["content"] == "User: Hello"


def test_conversations_don_t_mix(memory):
    """Neither those with similar names nor those of two users with the same name."""
    for session in ("s", "s#1", "S", " s"):
        assert len(memory.memories.add_messages(said("a", "b"), session=session).stored) == 2
    for user in ("alice", "bob"):
        scoped = memory.scoped(user=user).memories
        assert len(scoped.add_messages(said(user), session="chat").stored) == 1
        assert contents(memory.scoped(user=user)) == [f"User: {user}"]


def test_a_failure_says_where_it_was(memory):
    """Those before are stored, those after are not, and the repeated call goes on from there."""
    too_long = "x" * 2_000_000
    with pytest.raises(MemoryOSError, match="The message at position 2: ") as caught:
        memory.memories.add_messages(said("a", "b", too_long, "d"), session="s")
    assert caught.value.details["position"] == 2
    assert caught.value.details["stored"] == 2
    assert contents(memory) == ["User: a", "User: b"]
    report = memory.memories.add_messages(said("a", "b", "c", "d"), session="s")
    assert (report.skipped, len(report.stored)) == (2, 2)


def test_the_session_is_the_value_of_an_enums_member(memory):
    """Otherwise its memories wouldn't be found by the external id."""
    sessions = Enum("Sessions", {"CHAT": "chat-1"}, type=str)
    (stored,) = memory.memories.add_messages(said("a"), session=sessions.CHAT).stored
    assert stored["external_id"] == "chat-1#0"
    assert memory.memories.add_messages(said("a"), session="chat-1").skipped == 1


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        ({"session": ""}, "session must be a string that is not blank"),
        ({"session": " "}, "session must be a string that is not blank"),
        ({"session": 5}, "session must be a string that is not blank; got 5"),
        ({"session": "x" * 1001}, "session must have from 1 to 1000 characters"),
        ({"session": "\ud800"}, "session must not contain unpaired surrogates"),
        ({"start": -1}, "start must be from 0 to"),
        ({"start": "end"}, "start must be a whole number"),
        ({"on_conflict": "ignore"}, "on_conflict must be one of 'error', 'skip', 'update'"),
        ({"tier": "forever"}, "tier must be one of"),
        ({"tags": "home"}, "tags must be a list"),
        ({"metadata": {"position": 5}}, "metadata must not contain session, position, .*position"),
        ({"metadata": [1]}, "metadata must be a dict"),
        ({"messages": [{"role": "user", "content": 5}]}, r"messages\[0\].content must be a text"),
    ],
)
def test_invalid_arguments_are_named_before_anything_is_sent(arguments, complaint):
    nowhere = MemoryOS("mos_test_x", "http://127.0.0.1:9/v1", max_retries=0)
    given = {"messages": said("a"), "session": "s", **arguments}
    with nowhere, pytest.raises(ValidationError, match=complaint) as caught:
        nowhere.memories.add_messages(**given)
    assert caught.value.attempts == 0


def test_the_async_client_does_the_same():
    async def store():
        async with AsyncMemoryOS.local(":memory:", embedder="hashing") as client:
            first = await client.memories.add_messages(CHAT, session="s")
            again = await client.memories.add_messages(CHAT, session="s")
            return [one["content"] for one in first.stored], again.skipped

    assert asyncio.run(store()) == (LINES, 3)


def test_two_at_once_store_each_message_once(memory):
    """They send the same keys."""
    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor(4) as pool:
        runs = [pool.submit(memory.memories.add_messages, CHAT, session="s") for _ in range(4)]
        for run in runs:
            run.result()
    assert sorted(contents(memory)) == sorted(LINES)


def test_a_search_finds_who_said_it(memory):
    """The local Memory OS reads speaker and session."""
    memory.memories.add_messages(CHAT, session="s")
    found = memory.search("Where did Ada move to?", threshold=0)["results"]
    assert found[0]["content"] == "Ada: I moved to Lisbon"


@pytest.mark.filterwarnings("ignore::memoryos.ScopeWarning")
def test_other_services_store_each_message_once(stand_in):
    """Whatever they filter by: the SDK looks at what comes back."""
    stand_in.memories.create("User: Hello", content_type="conversation", tier="long")
    for user in ("alice", "bob"):
        scoped = stand_in.scoped(user=user).memories
        for end in (1, 3, 3):
            scoped.add_messages(said("a", "b", user)[:end], session="s", tags=["chat"])
    for user in ("alice", "bob"):
        assert contents(stand_in.scoped(user=user)) == ["User: a", "User: b", f"User: {user}"]
    report = stand_in.memories.add_messages(said("Hello"), session="other", start=None)
    assert (len(report.stored), report.next_position) == (1, 1)
