"""Arguments: those of the SDK, and a wrong one is named before anything is sent."""

from __future__ import annotations

import inspect
import json

import pytest

from memoryos import AsyncMemoryOS, ValidationError
from memoryos._protocol import observers
from memoryos._protocol.observers import Observer
from memoryos.mcp._arguments import prepare
from memoryos.mcp._tools import read_tools, write_tools

from .calls import answer, complaint

pytestmark = pytest.mark.anyio

UNKNOWN = "00000000-0000-4000-8000-000000000000"
METHODS = {
    "search_memories": lambda client: client.search,
    "get_context": lambda client: client.get_context,
    "list_memories": lambda client: client.memories.list,
    "remember": lambda client: client.memories.create,
    "add_messages": lambda client: client.memories.add_messages,
    "update_memory": lambda client: client.memories.update,
    "forget": lambda client: client.memories.delete,
}
# Keys of an application, dates of an import, and what only another feature can do.
FOR_APPLICATIONS = {
    *("embedding", "entities", "external_id", "source_id", "parent_memory_id", "idempotency_key"),
    *("upsert", "upsert_within", "if_updated_at", "expires_at", "access_count", "created_at"),
    *("last_accessed_at", "highlights", "explain", "scope", "user"),
}
VALID = {
    "search_memories": {"query": "tea"},
    "get_context": {"query": "tea"},
    "list_memories": {},
    "remember": {"content": "tea"},
    "add_messages": {"messages": [], "session": "s"},
    "update_memory": {"memory_id": UNKNOWN, "tier": "long"},
    "forget": {"memory_id": UNKNOWN},
}


def all_tools():
    client = AsyncMemoryOS("mos_test_x", "http://127.0.0.1:9/v1")
    return {tool.name: tool for tool in (*read_tools(client), *write_tools(client))}


@pytest.fixture
def sent(monkeypatch):
    """The operations that anything was sent for."""
    operations = []

    def observe(operation, _):
        operations.append(operation.name)
        return Observer()

    monkeypatch.setattr(observers, "factories", [observe])
    return operations


@pytest.mark.parametrize("name", METHODS)
def test_a_tool_has_the_names_and_rules_of_the_sdk(name):
    """No name that the method doesn't take but that of the budget, and nothing else is allowed."""
    schema = all_tools()[name].input_schema
    client = AsyncMemoryOS("mos_test_x", "http://127.0.0.1:9/v1")
    signature = inspect.signature(METHODS[name](client))
    own = {"max_tokens"} if name in ("search_memories", "list_memories") else set()
    assert set(schema["properties"]) - own <= set(signature.parameters)
    assert not set(schema["properties"]) & FOR_APPLICATIONS
    assert schema["additionalProperties"] is False
    needed = {
        argument
        for argument, parameter in signature.parameters.items()
        if parameter.default is inspect.Parameter.empty
    }
    assert needed <= set(schema.get("required", []))


@pytest.mark.parametrize(
    ("tool", "argument", "nearest"),
    [
        ("get_context", "metadata", None),
        ("get_context", "maxTokens", "max_tokens"),
        ("get_context", "budget", "max_tokens"),
        ("search_memories", "tag", "tags"),
        ("search_memories", "after", "created_after"),
        ("search_memories", "tresholds", "threshold"),
        ("search_memories", "top_k", "limit"),
        ("search_memories", "user_id", None),
        ("search_memories", "embedding", None),
        ("list_memories", "ofset", "offset"),
        ("list_memories", "external_id", None),
        ("remember", "importance", "importance_score"),
        ("remember", "meta", "metadata"),
        ("remember", "Tier", "tier"),
        ("remember", "created_at", None),
        ("remember", "upsert_within", None),
        ("add_messages", "scope", None),
        ("update_memory", "if_updated_at", None),
        ("update_memory", "contents", "content"),
        ("forget", "confirm", None),
        ("forget", "a\nb" + "x" * 500, None),
    ],
)
async def test_an_unknown_argument_is_named_with_the_nearest_one(
    connected, sent, tool, argument, nearest
):
    """In one sentence, which also says what the tool takes; nothing is sent."""
    async with connected() as client:
        told = await complaint(client, tool, **VALID[tool], **{argument: "x"})
    assert told.startswith(f"{tool} has no argument ")
    assert repr(argument)[:40] in told
    assert ("did you mean" in told) == (nearest is not None)
    if nearest:
        assert f"(did you mean {nearest!r}?)" in told
    for name in all_tools()[tool].input_schema["properties"]:
        assert name in told
    assert told.count(".") == 1
    assert len(told) < 300
    assert sent == []


@pytest.mark.parametrize(
    ("tool", "arguments", "said"),
    [
        ("search_memories", {}, "search_memories needs the argument 'query', which is missing"),
        ("search_memories", {"query": None}, "needs the argument 'query'"),
        ("search_memories", {"query": ""}, "query must have at least 1 character; got ''"),
        ("search_memories", {"query": 5}, "query must be a string; got 5"),
        ("search_memories", {"query": "x", "threshold": 7}, "threshold must be from 0 to 1; got 7"),
        ("search_memories", {"query": "x", "threshold": "high"}, "threshold must be a number"),
        ("search_memories", {"query": "x", "limit": 2.5}, "limit must be a whole number; got 2.5"),
        ("search_memories", {"query": "x", "limit": "ten"}, "limit must be a whole number"),
        ("search_memories", {"query": "x", "limit": "0"}, "limit must be from 1 to 100; got 0"),
        ("search_memories", {"query": "x", "limit": True}, "limit must be a whole number"),
        ("search_memories", {"query": "x", "limit": "true"}, "limit must be a whole number"),
        ("search_memories", {"query": "x", "tags": "tea"}, "tags must be a list; got 'tea'"),
        ("search_memories", {"query": "x", "tags": ["a", 5]}, "tags[1] must be a string; got 5"),
        ("get_context", {"query": "x", "max_tokens": -1}, "max_tokens must be at least 0; got -1"),
        ("get_context", {"query": "x", "tier": "LONG"}, "got 'LONG' (did you mean 'long'?)"),
        ("list_memories", {"tier": "forever"}, "tier must be one of 'short', 'medium', 'long'"),
        ("remember", {}, "remember needs the argument 'content', which is missing"),
        ("remember", {"text": "x"}, "no argument 'text' (did you mean 'content'?)"),
        ("remember", {"content": "x", "metadata": [1]}, "metadata must be a dict; got [1]"),
        ("remember", {"content": "x", "metadata": "a"}, "metadata must be a dict; got 'a'"),
        ("remember", {"content": "x", "importance_score": "NaN"}, "must be a number; got 'NaN'"),
        ("update_memory", {"memory_id": UNKNOWN}, "must be given"),
        ("update_memory", {"id": UNKNOWN, "tier": "long"}, "'id' (did you mean 'memory_id'?)"),
        ("search_memories", {"query": "x", "created_after": "May"}, "created_after must be a dat"),
        ("add_messages", {"session": "s"}, "add_messages needs the argument 'messages'"),
        ("add_messages", {"messages": ["x"], "session": "s"}, "messages[0] must be a dict"),
        ("add_messages", {"messages": [{}] * 1001, "session": "s"}, "from 0 to 1000 items"),
        (
            "add_messages",
            {"messages": [{"role": "user", "content": 5}], "session": "s"},
            "messages[0].content must be a text",
        ),
        ("forget", {"memory_id": "the first"}, "memory_id must be a UUID; got 'the first'"),
    ],
)
async def test_a_wrong_argument_is_named_with_its_rule(connected, sent, tool, arguments, said):
    async with connected() as client:
        told = await complaint(client, tool, **arguments)
    assert said in told
    assert "pydantic" not in told
    assert "http" not in told
    assert sent == []


async def test_several_unknown_arguments_are_named_together(connected, sent):
    async with connected() as client:
        told = await complaint(client, "remember", content="x", importance=1, metadta={}, user="a")
    for word in ("'importance'", "'importance_score'", "'metadta'", "'metadata'", "'user'"):
        assert word in told
    assert sent == []


async def test_what_hosts_send_in_another_form_is_accepted(connected):
    """Null for what was left out, numbers and lists as strings, and no arguments at all."""
    async with connected() as client:
        stored = await answer(
            client,
            "remember",
            content="Ada likes tea",
            tier=None,
            tags='["drinks"]',
            metadata='{"room": 5}',
            importance_score="0.5",
        )
        assert stored["memory"]["metadata"] == {"room": 5, "tags": ["drinks"]}
        assert stored["memory"]["importance_score"] == 0.5
        assert stored["memory"]["tier"] == "long"
        listed = await answer(client, "list_memories", limit="1", offset=0.0, tier=None)
        assert [memory["content"] for memory in listed["memories"]] == ["Ada likes tea"]
        result = await client.call("list_memories", None)
        assert json.loads(result["content"][0]["text"])["total"] == 1


async def test_a_text_that_is_json_stays_a_text(connected):
    """Only an argument of another type is decoded."""
    async with connected() as client:
        stored = await answer(client, "remember", content="5", metadata={"a": "[1]"})
    assert (stored["memory"]["content"], stored["memory"]["metadata"]) == ("5", {"a": "[1]"})


async def test_tags_join_those_of_the_metadata(connected):
    async with connected() as client:
        stored = await answer(
            client, "remember", content="x", tags=["a", "b"], metadata={"tags": ["b", "c"], "k": 1}
        )
    assert stored["memory"]["metadata"] == {"tags": ["b", "c", "a"], "k": 1}


@pytest.mark.parametrize("present", ["b", {"b": 1}, 0, "", None])
async def test_tags_are_not_lost_where_the_metadata_has_no_list_of_tags(connected, present):
    async with connected() as client:
        told = await complaint(
            client, "remember", content="x", tags=["a"], metadata={"tags": present}
        )
        listed = await answer(client, "list_memories")
    assert "metadata.tags" in told
    assert "must be a list" in told
    assert listed["total"] == 0


@pytest.mark.parametrize(
    ("name", "nearest"),
    [
        ("forgt", "forget"),
        ("Remember", "remember"),
        ("delete_memory", "forget"),
        ("add_memories", "remember"),
        ("create-memory", "remember"),
        ("recall", "search_memories"),
        ("memory_search", None),
        ("", None),
    ],
)
async def test_an_unknown_tool_is_named_with_the_nearest_one(connected, name, nearest):
    async with connected() as client:
        told = await complaint(client, name, memory_id=UNKNOWN)
    suggestion = f" (did you mean {nearest!r}?)" if nearest else ""
    assert told.startswith(f"Unknown tool {name!r}{suggestion}: this server has ")


async def test_a_tool_that_a_read_only_server_lacks_is_not_confused_with_another(connected):
    async with connected(read_only=True) as client:
        told = await complaint(client, "delete_memory", memory_id=UNKNOWN)
    assert told.startswith("Unknown tool 'delete_memory': this read-only server has ")


@pytest.mark.parametrize("text", ["null", '"5"', "[5", "1e400", "Infinity", "[" * 100_000, ""])
def test_a_string_that_is_no_number_is_wrong(text):
    """Whatever else it may be."""
    schema = all_tools()["search_memories"].input_schema
    with pytest.raises(ValidationError, match="limit must be a whole number"):
        prepare("search_memories", schema, {"query": "x", "limit": text})
