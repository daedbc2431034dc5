"""Recall and reciprocal rank of rankings, and whether a difference is more than chance."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    Values = NDArray[np.float64]

__all__ = ["CUT", "MEASURES", "difference_interval", "measure", "measures_of"]

MEASURES = ("R@1", "R@5", "R@10", "MRR")
"""R@k: the share of a query's answers among the first k. MRR: 1 / the rank of the first answer."""

CUT = 20
"""How many of the first results are looked at."""

_RECALL_CUTS = (1, 5, 10)
_RESAMPLES = 2000
_SEED = 16


def measure(ranking: Sequence[str], gold: frozenset[str]) -> list[float]:
    """Return the `MEASURES` of one ranking, best first, whose answers are `gold`."""
    recalls = [len(gold.intersection(ranking[:cut])) / len(gold) for cut in _RECALL_CUTS]
    ranks = (place for place, found in enumerate(ranking[:CUT], start=1) if found in gold)
    first = next(ranks, None)
    return [*recalls, 1 / first if first else 0.0]


def measures_of(rankings: Sequence[Sequence[str]], golds: Sequence[frozenset[str]]) -> Values:
    """Return a matrix with one row per query and one column per measure."""
    rows = [measure(ranking, gold) for ranking, gold in zip(rankings, golds, strict=True)]
    return np.array(rows, np.float64).reshape(len(rows), len(MEASURES))


def difference_interval(differences: Values) -> tuple[float, float]:
    """Return the 95% bootstrap interval of the mean of paired differences, one per query."""
    generator = np.random.default_rng(_SEED)
    drawn = generator.integers(len(differences), size=(_RESAMPLES, len(differences)))
    low, high = np.quantile(differences[drawn].mean(axis=1), [0.025, 0.975])
    return float(low), float(high)
