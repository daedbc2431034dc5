"""A notice that the memories' language needs another embedder is in one result, after the data."""

from __future__ import annotations

import pytest

from memoryos import AsyncMemoryOS

pytestmark = [pytest.mark.anyio, pytest.mark.embedder]


async def test_the_notice_is_in_the_result_of_one_call(connected):
    from memoryos_server.embedders.english_only import ENOUGH_TEXTS, FACT
    from memoryos_server.embedders.minilm import MiniLM

    account = AsyncMemoryOS.local(":memory:", embedder=MiniLM())
    async with connected(account) as client:
        results = [
            await client.call("remember", {"content": f"Der Zug {number} fährt nicht am Sonntag"})
            for number in range(ENOUGH_TEXTS + 2)
        ]
    notes = [block["text"] for result in results for block in result["content"][1:]]
    assert len(notes) == 1
    assert notes[0].startswith(f"For the user: {FACT}")
    assert "pip install '.[local,multilingual]' in a checkout of this repository" in notes[0]
