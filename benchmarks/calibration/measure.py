"""Figures of a map on the labelled pairs, as plain values for the JSON and the docs."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from benchmarks.retrieval.observations import index_of
from benchmarks.retrieval.sets import Document, World
from memoryos_server.embedders import BALANCE_POINT
from memoryos_server.embedders.calibration import common_part
from memoryos_server.search.feature_scores import AnalyzedQuery, FeatureScorer
from memoryos_server.search.query_analysis import analyze_query

from .fitting import area_under_curve, balance, balance_interval, wrong_at

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from memoryos_server.embedders import Embedder
    from memoryos_server.embedders.calibration import Calibration
    from memoryos_server.search.index.owner_index import OwnerIndex

    from .dataset import Pair

    Sides = tuple[NDArray[np.floating], NDArray[np.floating]]

__all__ = ["Scored", "features_of", "figures", "index_of_texts", "missed_by_kind", "score"]

_DIGITS = 4


class Scored(NamedTuple):
    """The features of a split's pairs.

    `cosines` are those without the part that is common to all memories of a person. `held` (0 to 1)
    is how much of the query's word weight (IDF among the person's memories) also occurs in the
    memory.
    """

    pairs: list[Pair]
    cosines: NDArray[np.float32]
    held: NDArray[np.float32]

    @property
    def requested(self) -> NDArray[np.float32]:
        """1 for each pair whose query is a request, otherwise 0."""
        return np.array([pair.is_request for pair in self.pairs], np.float32)

    def own(self, calibration: Calibration) -> NDArray[np.float32]:
        """Return the sum of each pair that the map is applied to."""
        words, requests = np.float32(calibration.words), np.float32(calibration.requests)
        own: NDArray[np.float32] = self.cosines + words * self.held + requests * self.requested
        return own

    def similarities(self, calibration: Calibration) -> NDArray[np.float32]:
        """Return the similarity of each pair."""
        return calibration.similarity(self.own(calibration))

    def of(
        self, values: NDArray[np.floating], *, related: bool, person: str | None = None
    ) -> NDArray[np.floating]:
        """Return the values of the related or the unrelated pairs, of one person or all."""
        chosen = [pair.related == related and person in (None, pair.person) for pair in self.pairs]
        return np.compress(chosen, values)

    def sides(self, values: NDArray[np.floating]) -> Sides:
        """Return the values of the related pairs, and of the unrelated ones."""
        return self.of(values, related=True), self.of(values, related=False)

    def by_person(self, values: NDArray[np.floating]) -> list[Sides]:
        """Return each person's values of related pairs and of unrelated ones."""
        people = sorted({pair.person for pair in self.pairs})
        return [
            (
                self.of(values, related=True, person=person),
                self.of(values, related=False, person=person),
            )
            for person in people
        ]


def score(embedder: Embedder, pairs: Sequence[Pair], usual_mean: float | None = None) -> Scored:
    """Search each person's memories for each query, as the server does.

    Args:
        embedder: The embedder.
        pairs: The pairs.
        usual_mean: The mean cosine up to which there is no common part, as in `common_part`.
    """
    signs: dict[tuple[str, str, str], tuple[float, float]] = {}
    for person in sorted({pair.person for pair in pairs}):
        theirs = [pair for pair in pairs if pair.person == person]
        memories = sorted({pair.memory for pair in theirs})
        index = index_of_texts(embedder, memories)
        for query in sorted({pair.query for pair in theirs}):
            found = features_of(embedder, query, index, usual_mean)
            signs.update(
                ((person, query, memory), sign)
                for memory, sign in zip(memories, found, strict=True)
            )
    rows = np.array([signs[pair.person, pair.query, pair.memory] for pair in pairs], np.float32)
    return Scored(list(pairs), rows[:, 0], rows[:, 1])


def features_of(
    embedder: Embedder, query: str, index: OwnerIndex, usual_mean: float | None = None
) -> list[tuple[float, float]]:
    """Return the cosine of a query and each memory, and the share of its words in the memory.

    The part that is common to all of the memories is taken off the cosines.
    """
    analyzed = AnalyzedQuery(embedder.embed([query])[0], analyze_query(query))
    scorer = FeatureScorer(index, analyzed, None)
    cosines = scorer.cosines - common_part(scorer.mean_cosine, usual_mean)
    return list(zip(cosines.tolist(), scorer.held.tolist(), strict=True))


def index_of_texts(embedder: Embedder, memories: Sequence[str]) -> OwnerIndex:
    """Return an index of memories, in order."""
    documents = [Document(str(place), text) for place, text in enumerate(memories)]
    return index_of(World(documents, []), embedder)


def figures(scored: Scored, calibration: Calibration) -> dict[str, float]:
    """Return the split's sizes, its own balance point, and its error rates at 0.7."""
    own = scored.own(calibration)
    related, unrelated = scored.sides(own)
    balanced = balance(related, unrelated)
    low, high = balance_interval(scored.by_person(own))
    missed, found = wrong_at(
        np.array([BALANCE_POINT]),
        *scored.sides(scored.similarities(calibration)),
    )
    return {
        "related_pairs": len(related),
        "unrelated_pairs": len(unrelated),
        "area_under_curve_of_cosines": round(
            area_under_curve(*scored.sides(scored.cosines)), _DIGITS
        ),
        "area_under_curve": round(area_under_curve(related, unrelated), _DIGITS),
        "balance": round(balanced, _DIGITS),
        "balance_low": round(low, _DIGITS),
        "balance_high": round(high, _DIGITS),
        "balance_similarity": round(float(calibration.similarity(np.array(balanced))), _DIGITS),
        "related_missed_at_balance_point": round(float(missed[0]), _DIGITS),
        "unrelated_found_at_balance_point": round(float(found[0]), _DIGITS),
    }


def missed_by_kind(scored: Scored, calibration: Calibration) -> dict[str, tuple[int, float]]:
    """Return, by kind of query, the number of related pairs and the share missed at 0.7."""
    similarities = scored.similarities(calibration)
    by_kind: dict[str, list[bool]] = {}
    for pair, similarity in zip(scored.pairs, similarities, strict=True):
        if pair.related:
            by_kind.setdefault(pair.kind, []).append(bool(similarity < BALANCE_POINT))
    return {kind: (len(missed), sum(missed) / len(missed)) for kind, missed in by_kind.items()}
