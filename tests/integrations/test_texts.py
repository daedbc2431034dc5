"""What is searched for of the texts that users and models write."""

from __future__ import annotations

import pytest

from memoryos.integrations._agent_memory import recall
from memoryos.integrations._texts import searchable

BLANK = " " * 40_000


@pytest.mark.parametrize(
    ("text", "searched"),
    [
        ("tea", "tea"),
        (f"{BLANK}tea", "tea"),
        (f"tea{BLANK}", "tea"),
        ("tea" * 20_000, ("tea" * 20_000)[:32_768]),
        ("half of an emoji: \ud83d", "half of an emoji: ?"),
        ("", ""),
        (BLANK, ""),
        ("\u200b" * 40_000 + "tea", ""),
    ],
    ids=range(8),
)
def test_a_search_gets_a_text_that_it_takes_or_none(text, searched):
    """It refuses what is too long, and what has nothing that can be seen."""
    assert searchable(text) == searched


@pytest.mark.local_server
@pytest.mark.anyio
@pytest.mark.parametrize("question", [f"tea{BLANK}", f"{BLANK}tea", "milk " * 2000 + "tea"])
async def test_the_end_of_a_question_is_recalled_for(client, memory, question):
    """White space that was pasted with it is no question."""
    memory.scoped(user="alice").memories.create("Likes tea", tier="long")
    alice = client.scoped(user="alice")
    assert "Likes tea" in await recall(alice, question, max_tokens=500, deadline=10)


@pytest.mark.local_server
@pytest.mark.anyio
@pytest.mark.parametrize("question", ["", BLANK, "tea" + "\u200b" * 8000])
async def test_nothing_is_recalled_for_nothing_that_can_be_seen(client, question):
    alice = client.scoped(user="alice")
    assert await recall(alice, question, max_tokens=500, deadline=10) == ""
