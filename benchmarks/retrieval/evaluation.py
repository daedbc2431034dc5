"""Measure the search, and what it has to beat, on a set."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from .baselines import baseline_scores
from .measures import CUT, MEASURES, measures_of
from .product import Found, search_world

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from memoryos_server.embedders import Embedder

    from .sets import RetrievalSet

    Values = NDArray[np.float64]

__all__ = ["SEARCH", "AtThreshold", "Evaluation", "evaluate"]

SEARCH = "search"
"""The ranking of the server."""


class AtThreshold(NamedTuple):
    """What the results with at least some similarity are worth.

    Attributes:
        precision: Share of these results that answer their query.
        recall: Share of a query's answers among them, averaged over the queries.
        per_query: Their mean number.
        nothing: Share of the queries without any.
    """

    precision: float
    recall: float
    per_query: float
    nothing: float


class Evaluation(NamedTuple):
    """The figures of a set.

    Attributes:
        name: The name of the set.
        kinds: The kind of each query.
        measures: By ranking, a matrix with one row per query and one column per measure.
        found: The results of each query, best first.
        golds: The answers of each query.
    """

    name: str
    kinds: Sequence[str]
    measures: Mapping[str, Values]
    found: Sequence[Sequence[Found]]
    golds: Sequence[frozenset[str]]

    def means(self, ranking: str, kind: str | None = None) -> Values:
        """Return the mean of each measure, over the queries of a kind or all."""
        chosen = [kind in (None, other) for other in self.kinds]
        means: Values = self.measures[ranking][chosen].mean(axis=0)
        return means

    def of(self, ranking: str, measure: str) -> Values:
        """Return one measure of each query."""
        return self.measures[ranking][:, MEASURES.index(measure)]

    def at_threshold(self, threshold: float, kind: str | None = None) -> AtThreshold:
        """Return what a search with a threshold gives, over the queries of a kind or all."""
        rows = [
            (len(ids), len(gold.intersection(ids)), len(gold))
            for other, results, gold in zip(self.kinds, self.found, self.golds, strict=True)
            if kind in (None, other)
            for ids in [[found.id for found in results if found.similarity >= threshold]]
        ]
        count, right, wanted = np.array(rows, np.float64).T
        return AtThreshold(
            precision=float(right.sum() / max(count.sum(), 1)),
            recall=float((right / wanted).mean()),
            per_query=float(count.mean()),
            nothing=float((count == 0).mean()),
        )


def evaluate(retrieval_set: RetrievalSet, embedder: Embedder) -> Evaluation:
    """Search every world of a set through the SDK, and rank it by every baseline."""
    found: list[list[Found]] = []
    rankings: dict[str, list[list[str]]] = {}
    for world in retrieval_set.worlds:
        results = search_world(world, embedder)
        found += results
        rankings.setdefault(SEARCH, []).extend([item.id for item in items] for items in results)
        ids = [document.id for document in world.documents]
        for name, scores in baseline_scores(world, embedder).items():
            order = np.argsort(-scores, axis=1, kind="stable")[:, :CUT].tolist()
            rankings.setdefault(name, []).extend([ids[place] for place in row] for row in order)
    golds = [query.gold for world in retrieval_set.worlds for query in world.queries]
    measures = {name: measures_of(ranked, golds) for name, ranked in rankings.items()}
    return Evaluation(retrieval_set.name, retrieval_set.kinds, measures, found, golds)
