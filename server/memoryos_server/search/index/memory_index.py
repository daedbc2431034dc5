"""Searching memories in memory. Of many, cosines are estimated first; the best are then exact.

Not safe to share between threads by itself; its owner holds a lock.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from memoryos_server.search.feature_scores import AnalyzedQuery, FeatureScorer
from memoryos_server.search.features import FEATURE_WEIGHTS

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
    """What was found, highest score first; see `memoryos_server.search.features`.

    Attributes:
        numbers: which memories.
        features: what speaks for each, one row for each.
        held: how much of what the query's words tell each memory's own words tell, 0 to 1.
        whole: the score of a memory that says what the query says, word for word.
    """

    numbers: NDArray[np.int64]
    features: NDArray[np.float32]
    held: NDArray[np.float32]
    whole: float

    @classmethod
    def of_cosines(cls, found: Sequence[tuple[int, float]]) -> Hits:
        """Return what a search by vectors alone has found, nearest first."""
        features = np.zeros((len(found), len(FEATURE_WEIGHTS)), np.float32)
        features[:, 0] = [cosine for _, cosine in found]
        numbers = np.array([number for number, _ in found], np.int64)
        return cls(numbers, features, held=np.zeros(len(found), np.float32), whole=1.0)

    @property
    def scores(self) -> NDArray[np.float64]:
        """The weighted sum of each memory's features."""
        return _scores(self.features)


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
        scoring = FeatureScorer(self._rows, query, self._rows.hidden(wanted.now), related=related)
        rows = _candidates(scoring, self._rows.unwanted(wanted), count)
        if self._rows.is_quantized:
            scoring.compute_exact_cosines(rows)
        return best(scoring, rows, self._rows.numbers[rows], count)


def _candidates(scoring: FeatureScorer, unwanted: NDArray[np.bool_] | None, count: int) -> Rows:
    """Return the rows to look at closely: those that the most speaks for, more than are wanted."""
    scores = scoring.all_scores()
    if unwanted is not None:
        scores[unwanted] = -np.inf
    rows = top(scores, max(_MIN_COMPARED_ROWS, _COMPARED_ROWS_PER_RESULT * count))
    return rows if unwanted is None else rows[~unwanted[rows]]


def best(scoring: FeatureScorer, rows: Rows, numbers: NDArray[np.int64], count: int) -> Hits:
    """Return what the most speaks for, at most `count`.

    Args:
        scoring: what speaks for each row.
        rows: the ones to look at closely.
        numbers: the number of each of them.
        count: how many at most.
    """
    features = scoring.features(rows)
    order = _best(_scores(features), numbers, count)
    max_word_score = scoring.max_word_score
    return Hits(
        numbers=numbers[order],
        features=features[order],
        held=scoring.word_scores[rows[order]] / (max_word_score or 1),
        whole=float(np.dot(FEATURE_WEIGHTS[:2], (1, max_word_score))),
    )


def _scores(features: NDArray[np.float32]) -> NDArray[np.float64]:
    return np.asarray(features @ np.array(FEATURE_WEIGHTS), np.float64)


def top(values: NDArray[np.floating], count: int) -> Rows:
    """Return where the largest values are, in no order."""
    if count >= len(values):
        return np.arange(len(values))
    return np.argpartition(values, -count)[-count:]


def _best(values: NDArray[np.floating], numbers: NDArray[np.int64], count: int) -> Rows:
    """Return where the largest values are, the largest first.

    Equal ones come newest first, so that the order never depends on where a row lies.
    """
    leading = top(values, count)
    return leading[np.lexsort((-numbers[leading], -values[leading]))]
