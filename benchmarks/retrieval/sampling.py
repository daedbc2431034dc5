"""Small samples of sets, for tests that embed them without a file of vectors."""

from __future__ import annotations

import math
import random
from itertools import accumulate
from typing import TYPE_CHECKING

from .sets import Query, RetrievalSet, World

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["sample"]

_SEED = 16


def sample(
    retrieval_set: RetrievalSet, *, max_queries: int, max_bytes: int | None = None
) -> RetrievalSet:
    """Return a part of a set: of each world the first documents, and queries about them.

    The documents are neighbours, because lines of a conversation need the lines around them. Of
    worlds that have no query about their part, nothing is left.

    Args:
        retrieval_set: The set.
        max_queries: The largest number of queries, shared among the worlds.
        max_bytes: The size of all documents (UTF-8), shared likewise, or None for all documents.
    """
    worlds: list[World] = []
    share = math.inf if max_bytes is None else max_bytes / len(retrieval_set.worlds)
    queries_of_each = max(1, max_queries // len(retrieval_set.worlds))
    for world in retrieval_set.worlds:
        sizes = accumulate(len(document.text.encode()) for document in world.documents)
        count = sum(size <= share for size in sizes)
        documents = world.documents[:count]
        ids = frozenset(document.id for document in documents)
        queries = [
            query._replace(gold=query.gold & ids) for query in world.queries if query.gold & ids
        ]
        if queries:
            worlds.append(World(documents, _drawn(queries, queries_of_each), world.language))
    return RetrievalSet(retrieval_set.name, worlds)


def _drawn(queries: Sequence[Query], count: int) -> list[Query]:
    """Return at most `count` of the queries, in their order: the same ones in every run."""
    places = random.Random(_SEED).sample(range(len(queries)), min(count, len(queries)))
    return [queries[place] for place in sorted(places)]
