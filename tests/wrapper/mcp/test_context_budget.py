"""`get_context` keeps its budget with everything that it answers."""

from __future__ import annotations

import json

import pytest
import respx

from memoryos import AsyncMemoryOS
from memoryos.mcp import _context
from memoryos_server.text.token_counts import count_tokens

from .calls import text

pytestmark = pytest.mark.anyio

BASE_URL = "http://memory.test/v1"
TEXTS = {
    "short": "Ada likes tea {}",
    "code": "def f_{}(x):\n\treturn {{'a': \"b\", 'c': [x, x ** 2]}}\n\n\n# done",
    "json": '{{"id": {}, "path": "C:\\\\new\\\\table", "quote": "\\"\\""}}',
    "emoji": "👩‍👩‍👧‍👦🎉 {} 👍🏽 naïve café",
    "chinese": "第{}号:我喜欢在早上喝茶,不喜欢咖啡。",
    "breaks": "{}\n\n\n\n\r\n\t\t\t\u2028end",
}
BUDGETS = (0, 1, 5, 9, 10, 11, 20, 40, 99, 100, 101, 149, 150, 151, 300, 1000)


@pytest.mark.parametrize("kind", TEXTS)
async def test_the_whole_answer_keeps_the_budget(connected, memory, kind):
    """The note included, whatever the memories consist of, and no id is in it."""
    ids = [memory.memories.create(TEXTS[kind].format(number))["id"] for number in range(60)]
    async with connected() as client:
        for budget in BUDGETS:
            result = await client.call("get_context", {"query": "tea", "max_tokens": budget})
            everything = [block["text"] for block in result["content"]]
            if "structuredContent" in result:
                everything.append(json.dumps(result["structuredContent"], ensure_ascii=False))
            assert count_tokens("".join(everything)) <= budget, (budget, everything)
            assert not any(memory_id in "".join(everything) for memory_id in ids)
        full = await text(client, "get_context", query="tea", max_tokens=1000)
    assert count_tokens(full) > 400  # the budget is used


def test_the_reserved_tokens_are_enough():
    """For each text that is not a memory, with its line breaks."""
    for sentence, reserved in (
        (_context._NOTE, _context._NOTE_TOKENS),
        (_context._SHORT_NOTE, _context._SHORT_NOTE_TOKENS),
        (_context._OMITTED.format(10**6), _context._OMITTED_TOKENS),
        (_context._EMPTY, _context._EMPTY_TOKENS),
        (_context._NOTHING_FITS, _context._EMPTY_TOKENS),
    ):
        assert count_tokens(f"{sentence}\n\n") + 1 < reserved


async def test_an_empty_context_says_what_to_try(connected):
    async with connected() as client:
        told = await text(client, "get_context", query="tea")
        assert "search_memories with a lower threshold" in told
        assert await text(client, "get_context", query="tea", max_tokens=5) == ""


@pytest.mark.off_contract(reason="a field that not every service has")
@pytest.mark.parametrize(
    ("omitted", "said"),
    [
        ({"duplicate": 3, "budget": 2}, "2 more left out: raise max_tokens."),
        ({"budget": 0}, None),
        ({"duplicates": 3}, None),
        ({}, None),
        ([5], None),
        ({"budget": "many"}, None),
        (None, None),
    ],
)
async def test_omitted_memories_are_mentioned(connected, omitted, said):
    """As far as the service reports them."""
    data = {
        "context": "- Ada likes tea",
        "memories": [{"id": "x", "content": "Ada likes tea", "tier": "long", "score": 1}],
        "token_count": 5,
        "retrieval_time_ms": 1,
        "omitted": omitted,
    }
    with respx.mock(base_url=BASE_URL) as routes:
        route = routes.route(url__regex=".*").respond(json={"data": data})
        account = AsyncMemoryOS("mos_test_odd0123456789", BASE_URL)
        async with connected(account) as client:
            told = await text(client, "get_context", query="tea", max_tokens=500)
            short = await text(client, "get_context", query="tea", max_tokens=50)
    asked = [json.loads(call.request.content)["max_tokens"] for call in route.calls]
    assert asked == [500 - 40 - 15, 50 - 10]
    assert told.endswith("\n\n- Ada likes tea")
    assert (said or "left out") in told if said else "left out" not in told
    assert "left out" not in short


@pytest.mark.parametrize(
    ("arguments", "hint"),
    [
        ({"query": "zebra"}, "No results. Try get_context, or a lower threshold, such as 0.35."),
        (
            {"query": "zebra", "threshold": 0.5, "tags": ["x"], "tier": "long"},
            (
                "No results. Try get_context, or a lower threshold, such as 0.25, "
                "or to leave out tier and tags."
            ),
        ),
        ({"query": "tea", "threshold": 0, "tags": ["x"]}, "No results. Try to leave out tags."),
    ],
)
async def test_an_empty_search_says_what_to_try(connected, memory, arguments, hint):
    memory.memories.create("Ada likes tea")
    async with connected() as client:
        result = await client.call("search_memories", arguments)
        assert result["structuredContent"]["memories"] == []
        assert result["structuredContent"]["hint"] == hint
        found = await client.call("search_memories", {"query": "tea", "threshold": 0})
    assert "hint" not in found["structuredContent"]
