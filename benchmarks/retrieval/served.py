"""The measure itself: store, search and count through the public SDK, as an application would."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from memoryos import MemoryOS
from memoryos_server.embedders import default_embedder

from .recall import CUTS, Answered

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .locomo import Conversation

__all__ = ["answers", "search_times"]


def answers(conversation: Conversation) -> list[Answered]:
    """Store a conversation in a Memory OS of its own, and ask all of its questions."""
    with MemoryOS.local(":memory:") as memory:
        stored = [memory.memories.create(**arguments)["id"] for arguments in conversation.memories]
        places = {memory_id: place for place, memory_id in enumerate(stored)}
        return [
            Answered(question, [places[found] for found in _found(memory, question.text)])
            for question in conversation.questions
        ]


def search_times(conversations: Sequence[Conversation], memories: int) -> list[float]:
    """Return how many seconds each question takes among so many memories, besides its embedding.

    The conversations are stored as often as it takes, each time under other sessions.
    """
    embedder = default_embedder()
    questions = [question.text for one in conversations for question in one.questions]
    times = []
    with MemoryOS.local(":memory:") as memory:
        _store(memory, conversations, memories)
        _found(memory, questions[0])
        for text in questions:
            if embedder is not None:
                embedder.embed([text])  # the search then finds it in the cache
            started = time.perf_counter()
            _found(memory, text)
            times.append(time.perf_counter() - started)
    return times


def _store(memory: MemoryOS, conversations: Sequence[Conversation], wanted: int) -> None:
    count, turn = 0, 0
    while count < wanted:
        for conversation in conversations:
            for arguments in conversation.memories[: wanted - count]:
                session = f"{turn}/{conversation.name}/{arguments['metadata']['session']}"
                metadata = {**arguments["metadata"], "session": session}
                memory.memories.create(**{**arguments, "metadata": metadata})
                count += 1
        turn += 1


def _found(memory: MemoryOS, query: str) -> list[str]:
    results = memory.search(query=query, threshold=0, limit=max(CUTS))["results"]
    return [result["id"] for result in results]
