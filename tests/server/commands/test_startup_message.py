"""The startup message of `memoryos serve`."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

from memoryos_server.commands.first_key import FirstKey
from memoryos_server.commands.serve_options import ServeOptions
from memoryos_server.commands.startup_message import StartupMessage, keys_command


def test_the_key_is_not_in_the_repr_of_the_message():
    """Nor, through it, in a traceback that shows locals."""
    key = FirstKey(1, Path("/f.key"), "mos_test_secret")
    message = StartupMessage("http://127.0.0.1:1/v1", key, ":memory:", remote=False)
    assert "secret" not in repr(message)
    assert "secret" not in message.for_people()
    assert "secret" in replace(message, shows_key=True).for_people()
    assert "secret" not in replace(message, shows_key=True).for_programs()
    assert '"api_key_file": "/f.key"' in message.for_programs()
    assert f'"pid": {os.getpid()}' in message.for_programs()
    assert "in memory, lost when it stops" in message.for_people()
    assert "not encrypted" not in message.for_people()


def test_people_are_told_which_embedder_it_is_and_where_texts_go():
    facts = {"base_url": "b", "key": FirstKey(1), "data": "d", "remote": False}
    told = StartupMessage(
        **facts, embedder="openai:m", embedding_url="https://o.test/v1"
    ).for_people()
    assert "  embedder  openai:m\n" in told
    assert "The texts of memories and queries are sent to https://o.test/v1 to be embedded." in told
    assert "sent to" not in StartupMessage(**facts, embedder="minilm").for_people()
    assert "embedder" not in StartupMessage(**facts).for_people()


def test_people_learn_how_to_make_a_key_where_there_is_one():
    facts = {"base_url": "b", "data": "d", "remote": False}
    told = StartupMessage(**facts, key=FirstKey(2), keys_command="the command").for_people()
    assert "  API keys  2 valid keys; to create one: the command\n" in told
    assert "MEMORY_OS_API_KEY=" not in told
    assert "no valid key; to create" in StartupMessage(**facts, key=FirstKey(0)).for_people()


def test_the_command_that_makes_a_key_names_the_store_unless_its_url_can_not_be_shown():
    """Without the user, the password or the parameters, it would be for another database."""
    assert keys_command(ServeOptions()) == "memoryos keys create"
    assert keys_command(ServeOptions(data="my notes.db")) == (
        "memoryos keys create --data 'my notes.db'"
    )
    plain = "postgresql://host:5433/db"
    assert keys_command(ServeOptions(store=plain)) == f"memoryos keys create --store {plain}"
    for url in ("postgresql://ada:secret@host/db", "postgresql:///db?host=/run/secret"):
        shown = keys_command(ServeOptions(store=url))
        assert shown == "memoryos keys create, with this server's --store or MEMORY_OS_STORE"


def test_people_learn_the_addresses_of_the_documentation_and_for_ai_applications():
    facts = {"base_url": "https://m.example:1/v1", "key": FirstKey(1), "data": "d", "remote": True}
    told = StartupMessage(**facts, has_mcp=True).for_people()
    assert "  docs      https://m.example:1/docs\n" in told
    assert "  MCP       https://m.example:1/mcp\n" in told
    assert "MCP" not in StartupMessage(**facts).for_people()
