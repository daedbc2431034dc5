"""The startup message of `memoryos serve`."""

from __future__ import annotations

import os

from memoryos_server.commands.startup_message import StartupMessage


def test_the_key_is_not_in_the_repr_of_the_message():
    """Nor, through it, in a traceback that shows locals."""
    message = StartupMessage("http://127.0.0.1:1/v1", "mos_test_secret", ":memory:", remote=False)
    assert "secret" not in repr(message)
    assert f'"pid": {os.getpid()}' in message.for_programs()
    assert "in memory, lost when it stops" in message.for_people()
    assert "not encrypted" not in message.for_people()


def test_people_are_told_which_embedder_it_is_and_where_texts_go():
    facts = {"base_url": "b", "api_key": "k", "data": "d", "remote": False}
    told = StartupMessage(
        **facts, embedder="openai:m", embedding_url="https://o.test/v1"
    ).for_people()
    assert "  embedder  openai:m\n" in told
    assert "The texts of memories and queries are sent to https://o.test/v1 to be embedded." in told
    assert "sent to" not in StartupMessage(**facts, embedder="minilm").for_people()
    assert "embedder" not in StartupMessage(**facts).for_people()
