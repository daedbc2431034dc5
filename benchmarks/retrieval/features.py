"""The ranking features of every memory for every question, as the server computes them."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from memoryos_server.model.timestamps import utc_now
from memoryos_server.search.index.entry import NEVER, Entry, Filter
from memoryos_server.search.index.memory_index import AnalyzedQuery, MemoryIndex
from memoryos_server.search.text_analysis import analyze_memory, analyze_query, parse_analysis
from memoryos_server.service.memories import new_memory

from .recall import CUTS, Answered

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from memoryos_server.embedders import Embedder

    from .locomo import Conversation, Question

__all__ = ["Asked", "features_of", "first", "ranked"]


class Asked(NamedTuple):
    """A question, and the features of each memory: one row for each, in order."""

    question: Question
    features: NDArray[np.float32]


def features_of(
    conversation: Conversation, embedder: Embedder, *, in_threads: bool = True
) -> list[Asked]:
    """Return the features for each question.

    Args:
        conversation: The memories and the questions.
        embedder: The embedder of the vectors.
        in_threads: Whether the memories form a conversation, or are separate.
    """
    index = _index(conversation, embedder, in_threads=in_threads)
    texts = [question.text for question in conversation.questions]
    asked = []
    for question, vector in zip(conversation.questions, embedder.embed(texts), strict=True):
        query = AnalyzedQuery(vector, *analyze_query(question.text))
        size = len(conversation.memories)
        hits = index.search(query, wanted=Filter(now=0), count=size)
        asked.append(Asked(question, hits.features[np.argsort(hits.numbers)]))
    return asked


def ranked(asked: Sequence[Asked], weights: Sequence[float]) -> list[Answered]:
    """Return the search results with these weights."""
    return [first(item.question, item.features @ np.array(weights)) for item in asked]


def first(question: Question, evidence: NDArray[np.floating]) -> Answered:
    """Return the memories with the highest scores, up to the largest cut."""
    order = np.argsort(-evidence, kind="stable")
    return Answered(question, order[: max(CUTS)].tolist())


def _index(conversation: Conversation, embedder: Embedder, *, in_threads: bool) -> MemoryIndex:
    now = utc_now()
    vectors = embedder.embed([arguments["content"] for arguments in conversation.memories])
    entries = []
    for number, arguments in enumerate(conversation.memories):
        memory = new_memory(arguments, owner="reader", memory_id=str(number), now=now)
        thread, terms = parse_analysis(analyze_memory(memory)) or (0, b"")
        facets = (memory.tier, memory.content_type, memory.memory_nature)
        thread = thread if in_threads else 0
        vector = vectors[number].tobytes()
        entries.append(Entry(number, facets, number, NEVER, vector, thread, terms))
    index = MemoryIndex(embedder.dimension)
    index.put(entries)
    return index
