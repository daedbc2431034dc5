"""The example chat while Memory OS fails."""

from __future__ import annotations

import logging
import re

import pytest

from memoryos.testing import faults

from .application import INSTRUCTIONS, ON_FIXTURES, as_user, fake_answer, say

pytestmark = ON_FIXTURES


@pytest.mark.off_contract(reason="the server answers with faults")
@pytest.mark.parametrize(
    "fault", [faults.REFUSED, faults.status(503), faults.status(401), faults.HTML_200]
)
def test_the_chat_goes_on_without_memory_and_says_so(
    http, memoryos_server, memoryos_waits, caplog, fault
):
    """To the user, to the model and in the log, which has neither texts nor users nor keys."""
    say(http, "alice", "I like tea")
    memoryos_server.fail_always(fault)
    with caplog.at_level(logging.WARNING, logger="chat"):
        answer = say(http, "alice", "Secret text", session="s2")
    notice = "The long-term memory is unavailable. Earlier conversations may be missing."
    shown = fake_answer("Secret text", instructions=f"{INSTRUCTIONS} {notice}")
    assert (answer.status_code, answer.text) == (200, f"({notice})\n\n{shown}")
    (record,) = [one for one in caplog.records if one.name == "chat"]
    logged = record.getMessage()
    assert logged.startswith("Memory OS failed: ")
    assert not re.search(f"Secret|alice|{memoryos_server.api_key}", logged)

    memoryos_server.clear()
    again = say(http, "alice", "tea?", session="s3").text
    assert again == fake_answer("tea?", "- User: I like tea")


@pytest.mark.off_contract(reason="the server answers with faults")
@pytest.mark.parametrize("method", ["GET", "DELETE"])
def test_an_outage_is_no_empty_memory(http, memoryos_server, memoryos_waits, method):
    """The page and "forget me" report it."""
    memoryos_server.fail_always(status=503)
    answer = http.request(method, "/memories", headers=as_user("alice"))
    assert answer.status_code == 503
    assert answer.json() == {"detail": "The memory is unavailable. Please try again later."}


@pytest.mark.off_contract(reason="the server answers with faults")
def test_what_is_known_is_used_if_a_message_can_t_be_stored(http, memoryos_server, memoryos_waits):
    """Reading works, writing fails."""
    say(http, "alice", "I like tea")
    memoryos_server.fail_next(status=503, operation="create_memory", times=10)
    answer = say(http, "alice", "tea?", session="s2").text
    assert answer.startswith("(The long-term memory is unavailable.")
    assert "- User: I like tea" in answer
