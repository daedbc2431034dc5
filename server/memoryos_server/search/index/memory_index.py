"""Searching memories in memory. Of many, cosines are estimated first; the best are then exact.

Not safe to share between threads by itself; its owner holds a lock.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from memoryos_server.search.feature_scores import AnalyzedQuery, FeatureScorer
from memoryos_server.search.features import FEATURES

from .owner_index import OwnerIndex
from .quantized_vectors import MAX_EXACT_ROWS

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray

    from .entry import Entry, Filter

    Rows = NDArray[np.intp]

__all__ = ["AnalyzedQuery", "Hits", "MemoryIndex", "best", "top"]

_MIN_COMPARED_ROWS = 512
_COMPARED_ROWS_PER_RESULT = 2


class Hits(NamedTuple):
    """What was found, most evidence first; see `memoryos_server.search.features`.

    Attributes:
        numbers: which memories.
        cosines: the cosine of each and the query.
        held: share of the query's words that each contains, weighted by idf, 0 to 1.
        evidence: the weighted sum of the features of each.
        features: the features of each, one row for each.
        weights: their weights, likewise.
        mean_cosine: the mean cosine of the query and all memories.
    """

    numbers: NDArray[np.int64]
    cosines: NDArray[np.float32]
    held: NDArray[np.float32]
    evidence: NDArray[np.float64]
    features: NDArray[np.float32]
    weights: NDArray[np.float64]
    mean_cosine: float = 0.0

    @classmethod
    def none(cls) -> Hits:
        """Return no hits."""
        numbers, values = np.empty(0, np.int64), np.empty(0, np.float32)
        matrix = np.empty((0, len(FEATURES)), np.float32)
        return cls(numbers, values, values, values.astype(np.float64), matrix, matrix.astype("f8"))


class MemoryIndex:
    """The memories of one owner.

    Args:
        dimension: the length of each vector.
        exact_rows: see `MAX_EXACT_ROWS`.
    """

    def __init__(self, dimension: int, *, exact_rows: int = MAX_EXACT_ROWS) -> None:
        self._rows = OwnerIndex(dimension, exact_rows=exact_rows)

    def __len__(self) -> int:
        """Return how many rows are held, also those of entries that were dropped lately."""
        return len(self._rows)

    def reserve(self, count: int) -> None:
        """Make room for so many entries."""
        self._rows.reserve(count)

    def put(self, entries: Sequence[Entry]) -> None:
        """Add entries, in place of those with the same number.

        Raises:
            ValueError: a vector has another dimension, or not the length 1.
        """
        self.discard(entry.number for entry in entries)
        self._rows.extend(entries)

    def discard(self, numbers: Iterable[int]) -> None:
        """Drop entries by number; unknown numbers are passed over."""
        for number in numbers:
            if number in self._rows:
                self._rows.remove(number)

    def search(self, query: AnalyzedQuery, *, wanted: Filter, count: int) -> Hits:
        """Return the memories that the most speaks for, at most `count`."""
        related = None if wanted.related is None else self._rows.mask(wanted.related)
        scorer = FeatureScorer(self._rows, query, self._rows.hidden(wanted.now), related=related)
        numbers = self._rows.numbers
        rows = _candidates(scorer, numbers, self._rows.unwanted(wanted), count)
        if self._rows.is_quantized:
            scorer.compute_exact_cosines(rows)
        return best(scorer, rows, numbers[rows], count)


def _candidates(
    scorer: FeatureScorer,
    numbers: NDArray[np.int64],
    unwanted: NDArray[np.bool_] | None,
    count: int,
) -> Rows:
    """Return the rows to look at closely: those with most evidence, more than are wanted."""
    evidence = scorer.evidence
    if unwanted is not None:
        evidence = np.where(unwanted, np.float32(-np.inf), evidence)
    compared = max(_MIN_COMPARED_ROWS, _COMPARED_ROWS_PER_RESULT * count)
    rows = top(evidence, compared, numbers)
    return rows if unwanted is None else rows[~unwanted[rows]]


def best(scorer: FeatureScorer, rows: Rows, numbers: NDArray[np.int64], count: int) -> Hits:
    """Return the rows with most evidence, at most `count`.

    Args:
        scorer: has the evidence for each row.
        rows: the ones to choose from.
        numbers: the number of each of them.
        count: how many at most.
    """
    order = _best(scorer.evidence[rows], numbers, count)
    chosen = rows[order]
    features, weights = scorer.features(chosen), scorer.weights(chosen)
    return Hits(
        numbers=numbers[order],
        cosines=scorer.cosines[chosen],
        held=scorer.held[chosen],
        evidence=(features * weights).sum(axis=1),
        features=features,
        weights=weights,
        mean_cosine=scorer.mean_cosine,
    )


def top(
    values: NDArray[np.floating] | NDArray[np.integer],
    count: int,
    numbers: NDArray[np.int64] | None = None,
) -> Rows:
    """Return where the largest values are, in no order.

    Args:
        values: the values.
        count: how many of them, 1 or more.
        numbers: of equal values, those whose number here is larger are chosen; None for any.
    """
    if count >= len(values):
        return np.arange(len(values))
    if numbers is None:
        return np.argpartition(values, -count)[-count:]
    least = np.partition(values, -count)[-count]
    above, equal = np.flatnonzero(values > least), np.flatnonzero(values == least)
    return np.concatenate([above, equal[top(numbers[equal], count - len(above))]])


def _best(values: NDArray[np.floating], numbers: NDArray[np.int64], count: int) -> Rows:
    """Return where the largest values are, the largest first.

    Equal ones come newest first, so that the order never depends on where a row lies.
    """
    leading = top(values, count, numbers)
    return leading[np.lexsort((-numbers[leading], -values[leading]))]
