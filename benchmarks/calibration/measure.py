"""Figures of a map on the labelled pairs, as plain values for the JSON and the docs."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from memoryos_server.embedders import BALANCE_POINT
from memoryos_server.search.index.entry import NEVER, Entry, Filter
from memoryos_server.search.index.memory_index import AnalyzedQuery, MemoryIndex
from memoryos_server.search.text_analysis import NO_CONVERSATION, analyze_query, encode_terms

from .fitting import area_under_curve, balance, balance_interval, wrong_at

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from memoryos_server.embedders import Embedder
    from memoryos_server.embedders.calibration import Calibration

    from .dataset import Pair

    Sides = tuple[NDArray[np.floating], NDArray[np.floating]]

__all__ = ["Scored", "features_of", "figures", "missed_by_kind", "score"]

_DIGITS = 4


class Scored(NamedTuple):
    """The features of a split's pairs.

    `held` (0 to 1) is how much of the query's word weight (IDF among the person's memories) also
    occurs in the memory.
    """

    pairs: list[Pair]
    cosines: NDArray[np.float32]
    held: NDArray[np.float32]

    def own(self, words: float) -> NDArray[np.float32]:
        """Return the score of each pair, where all words weigh as much as a cosine of `words`."""
        own: NDArray[np.float32] = self.cosines + np.float32(words) * self.held
        return own

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


def score(embedder: Embedder, pairs: Sequence[Pair]) -> Scored:
    """Search each person's memories for each query, as the server does."""
    signs: dict[tuple[str, str, str], tuple[float, float]] = {}
    for person in sorted({pair.person for pair in pairs}):
        theirs = [pair for pair in pairs if pair.person == person]
        memories = sorted({pair.memory for pair in theirs})
        for query in sorted({pair.query for pair in theirs}):
            found = features_of(embedder, query, memories)
            signs.update(
                ((person, query, memory), sign)
                for memory, sign in zip(memories, found, strict=True)
            )
    rows = np.array([signs[pair.person, pair.query, pair.memory] for pair in pairs], np.float32)
    return Scored(list(pairs), rows[:, 0], rows[:, 1])


def features_of(
    embedder: Embedder, query: str, memories: Sequence[str]
) -> list[tuple[float, float]]:
    """Return the cosine of the query and each memory, and the share of its words in the memory."""
    index = MemoryIndex(embedder.dimension)
    rows = zip(memories, embedder.embed(memories), strict=True)
    index.put([_entry(number, text, vector) for number, (text, vector) in enumerate(rows)])
    words = analyze_query(query).words
    probe = AnalyzedQuery(embedder.embed([query])[0], words)
    hits = index.search(probe, wanted=Filter(now=0), count=len(memories))
    found = zip(hits.features[:, 0].tolist(), hits.held.tolist(), strict=True)
    by_number = dict(zip(hits.numbers.tolist(), found, strict=True))
    return [by_number[number] for number in range(len(memories))]


def _entry(number: int, text: str, vector: NDArray[np.float32]) -> Entry:
    facets = ("long", "text", None)
    return Entry(number, facets, 0, NEVER, vector.tobytes(), NO_CONVERSATION, encode_terms(text))


def figures(scored: Scored, calibration: Calibration) -> dict[str, float]:
    """Return the split's sizes, its own balance point, and its error rates at 0.7."""
    own = scored.own(calibration.words)
    related, unrelated = scored.sides(own)
    balanced = balance(related, unrelated)
    low, high = balance_interval(scored.by_person(own))
    missed, found = wrong_at(
        np.array([BALANCE_POINT]),
        *scored.sides(calibration.similarity(scored.cosines, scored.held)),
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
    similarities = calibration.similarity(scored.cosines, scored.held)
    by_kind: dict[str, list[bool]] = {}
    for pair, similarity in zip(scored.pairs, similarities, strict=True):
        if pair.related:
            by_kind.setdefault(pair.kind, []).append(bool(similarity < BALANCE_POINT))
    return {kind: (len(missed), sum(missed) / len(missed)) for kind, missed in by_kind.items()}
