"""What is remembered of what the users of agents and their models said."""

from __future__ import annotations

import pytest

from memoryos.integrations._agent_memory import remember_messages

pytestmark = [pytest.mark.anyio, pytest.mark.local_server]


async def test_equal_texts_are_kept_once_of_each_role_and_session(client, memory):
    alice = client.scoped(user="alice")
    for session in ("one", "two", "one"):
        said = [("user", "Yes."), ("assistant", "Yes."), ("user", "Yes.")]
        await remember_messages(alice, said, session=session, tier="long")
    stored = memory.scoped(user="alice").memories.list()["data"]
    assert sorted((each["metadata"]["session"], each["content"]) for each in stored) == [
        ("one", "Assistant: Yes."),
        ("one", "User: Yes."),
        ("two", "Assistant: Yes."),
        ("two", "User: Yes."),
    ]
