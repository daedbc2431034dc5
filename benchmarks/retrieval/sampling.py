"""Small samples of sets, for tests that embed them without a file of vectors."""

from __future__ import annotations

from itertools import accumulate
from typing import TYPE_CHECKING

from .sets import Query, RetrievalSet, World

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["sample"]


def sample(retrieval_set: RetrievalSet, max_bytes: int, max_queries: int) -> RetrievalSet:
    """Return a part of a set: of each world the first documents, and queries about them.

    The documents are neighbours, because lines of a conversation need the lines around them. Of
    worlds that have no query about their part, nothing is left.

    Args:
        retrieval_set: The set.
        max_bytes: The size of all documents (UTF-8) up to which worlds are taken.
        max_queries: The largest number of queries, shared among the worlds.
    """
    worlds: list[World] = []
    share = max_bytes // len(retrieval_set.worlds)
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
            worlds.append(World(documents, _spread(queries, queries_of_each), world.language))
    return RetrievalSet(retrieval_set.name, worlds)


def _spread(queries: Sequence[Query], count: int) -> list[Query]:
    """Return at most `count` of the queries, at equal distances."""
    if len(queries) <= count:
        return list(queries)
    return [queries[place * len(queries) // count] for place in range(count)]
