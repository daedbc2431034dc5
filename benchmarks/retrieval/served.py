"""Store and search through the public SDK, as an application does."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from memoryos import MemoryOS

from .recall import CUTS, Answered

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from typing import Any

    from memoryos_server.embedders import Embedder

    from .locomo import Conversation

__all__ = ["answers", "search_times"]


def answers(conversation: Conversation) -> list[Answered]:
    """Store a conversation in a Memory OS of its own, and search for all its questions."""
    with MemoryOS.local(":memory:") as memory:
        stored = [memory.memories.create(**arguments)["id"] for arguments in conversation.memories]
        places = {memory_id: place for place, memory_id in enumerate(stored)}
        return [
            Answered(question, [places[found] for found in _found(memory, question.text)])
            for question in conversation.questions
        ]


def search_times(
    conversations: Sequence[Conversation], memories: int, embedder: Embedder
) -> list[float]:
    """Return the seconds of each question's search, without its embedding.

    Args:
        conversations: Stored repeatedly as needed, each time under other sessions.
        memories: The number of memories to search.
        embedder: The embedder of the Memory OS, which caches the vectors of recent texts.
    """
    questions = [question.text for one in conversations for question in one.questions]
    times = []
    with MemoryOS.local(":memory:") as memory:
        for arguments in _repeated(conversations, memories):
            memory.memories.create(**arguments)
        _found(memory, questions[0])
        for text in questions:
            embedder.embed([text])
            started = time.perf_counter()
            _found(memory, text)
            times.append(time.perf_counter() - started)
    return times


def _repeated(conversations: Sequence[Conversation], wanted: int) -> Iterator[dict[str, Any]]:
    left, turn = wanted, 0
    while left > 0:
        for conversation in conversations:
            for arguments in conversation.memories[:left]:
                session = f"{turn}/{conversation.name}/{arguments['metadata']['session']}"
                yield {**arguments, "metadata": {**arguments["metadata"], "session": session}}
            left -= min(left, len(conversation.memories))
        turn += 1


def _found(memory: MemoryOS, query: str) -> list[str]:
    results = memory.search(query=query, threshold=0, limit=max(CUTS))["results"]
    return [result["id"] for result in results]
