"""Store and search through the public SDK, as an application does."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from memoryos import MemoryOS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from memoryos_server.embedders import Embedder

    from .sets import Document, World

__all__ = ["Found", "search_world", "store"]

_MAX_RESULTS = 100
"""The most results that the API returns."""


class Found(NamedTuple):
    """The id of a document that was found, and its similarity."""

    id: str
    similarity: float


def search_world(world: World, embedder: Embedder) -> list[list[Found]]:
    """Return the results of each query, best first: as many as a search returns at most."""
    with MemoryOS.local(":memory:", embedder=embedder) as memory:
        names = store(memory, world.documents)
        answers = [
            memory.search(query.text, threshold=0, limit=_MAX_RESULTS)["results"]
            for query in world.queries
        ]
    return [
        [Found(names[result["id"]], result["similarity"]) for result in results]
        for results in answers
    ]


def store(memory: MemoryOS, documents: Sequence[Document]) -> dict[str, str]:
    """Create every document as a memory, in order; return its id in the set by that of the API."""
    names = {}
    for document in documents:
        created = memory.memories.create(
            document.text,
            tier="long",
            content_type=document.content_type,
            metadata=document.metadata,
        )
        names[created["id"]] = document.id
    return names
