"""How many of a query's answers are in a context of a certain size."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from memoryos import MemoryOS

from .product import store
from .sampling import sample

if TYPE_CHECKING:
    from memoryos_server.embedders import Embedder

    from .sets import RetrievalSet, World

__all__ = ["BUDGETS", "context_shares"]

BUDGETS = (500, 1000, 2000)
"""The tokens of a context."""

MAX_QUERIES = 200
"""How many queries of a set are measured."""


def context_shares(retrieval_set: RetrievalSet, embedder: Embedder) -> list[float]:
    """Return for each budget the share of a query's answers in its context, as a mean.

    A memory of which the context has a part counts as in it.
    """
    part = sample(retrieval_set, max_queries=MAX_QUERIES)
    rows = [row for world in part.worlds for row in _shares(world, embedder)]
    means: list[float] = np.mean(rows, axis=0).tolist()
    return means


def _shares(world: World, embedder: Embedder) -> list[list[float]]:
    with MemoryOS.local(":memory:", embedder=embedder) as memory:
        names = store(memory, world.documents)
        found = [
            [
                {names[item["id"]] for item in memory.get_context(query.text, budget)["memories"]}
                for budget in BUDGETS
            ]
            for query in world.queries
        ]
    return [
        [len(query.gold & ids) / len(query.gold) for ids in by_budget]
        for query, by_budget in zip(world.queries, found, strict=True)
    ]
