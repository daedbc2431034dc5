"""An ADK agent with memories, and the exact texts that its model is shown."""

from __future__ import annotations

import logging
from datetime import datetime
from functools import partial

import pytest

from memoryos.integrations.google_adk import MemoryOSMemoryService

from .events import Chat

pytestmark = [pytest.mark.anyio, pytest.mark.local_server]

# As patient as a busy machine needs.
Service = partial(MemoryOSMemoryService, recall_deadline=60)

SYSTEM = 'You are an agent. Your internal name is "clerk".'
FRAME = """The following content is from your previous conversations with the user.
They may be useful for answering the user's current query.
<PAST_CONVERSATIONS>
{}
</PAST_CONVERSATIONS>
"""


def told(texts):
    """Return what the model was told, without the times, which the process's clock gives.

    The newest releases of ADK put memories before the user's message, older ones at the end of the
    system instruction.
    """
    lines = "\n".join(texts).split("\n")
    for number, line in enumerate(lines):
        if line.startswith("Time: "):
            datetime.fromisoformat(line[len("Time: ") :])
            lines[number] = "Time: …"
    return "\n".join(line for line in lines if line)


async def test_two_users_of_one_agent_share_nothing(client):
    """In turns: each is shown what they said in their other session, and nothing else."""
    chat = Chat(Service(client))
    await chat.say("alice", "My salary is 90000")
    await chat.say("bob", "My salary is secret")
    for user, salary in (("alice", "90000"), ("bob", "secret")):
        shown = await chat.say(user, "What is my salary", name="s2")
        lines = ["Time: …", f"user: My salary is {salary}", "Time: …", "clerk: Noted."]
        past = FRAME.format("\n".join(lines))
        assert told(shown) == f"{SYSTEM}\n{past}What is my salary"


async def test_an_agent_goes_on_while_the_service_is_down(client_without_service, caplog):
    """Its model is told, and the log has a warning for the search and one for the events."""
    chat = Chat(Service(client_without_service))
    with caplog.at_level(logging.WARNING, "memoryos.integrations"):
        shown = await chat.say("alice", "What is my salary")
    past = FRAME.format("Long-term memory is unavailable at the moment.")
    assert told(shown) == f"{SYSTEM}\n{past}What is my salary"
    messages = [record.getMessage() for record in caplog.records if "memoryos" in record.name]
    assert [message.split(";")[0] for message in messages] == [
        "Could not recall memories",
        "Could not store the events of a session",
    ]
