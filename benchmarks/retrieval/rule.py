"""The rule for a ranking: on no set worse than the best of the cosine and BM25.

Worse is a mean that is lower by more than `TOLERANCE`, and lower beyond chance: the 95% interval of
a paired bootstrap over the queries lies below 0.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from .baselines import BASELINES, FUSION
from .evaluation import SEARCH
from .measures import difference_interval

if TYPE_CHECKING:
    from .evaluation import Evaluation

__all__ = ["RULED_MEASURES", "TOLERANCE", "Comparison", "beats_all", "compare"]

RULED_MEASURES = ("MRR", "R@5")

TOLERANCE = 0.01


class Comparison(NamedTuple):
    """The search beside the best baseline by one measure.

    Attributes:
        measure: The measure.
        baseline: The baseline with the highest mean.
        difference: By how much the mean of the search is higher.
        low: Lower bound of the difference's 95% interval.
        high: Upper bound of it.
    """

    measure: str
    baseline: str
    difference: float
    low: float
    high: float

    @property
    def breaks_the_rule(self) -> bool:
        """Whether the search is worse, by more than the tolerance and beyond chance."""
        return self.difference < -TOLERANCE and self.high < 0


def compare(evaluation: Evaluation, ranking: str = SEARCH) -> list[Comparison]:
    """Compare a ranking with the best baseline by each of `RULED_MEASURES`."""
    return [_comparison(evaluation, ranking, measure) for measure in RULED_MEASURES]


def beats_all(evaluation: Evaluation) -> bool:
    """Return whether the MRR of the search is at least that of every baseline and the fusion."""
    others = [float(evaluation.of(name, "MRR").mean()) for name in (*BASELINES, FUSION)]
    return float(evaluation.of(SEARCH, "MRR").mean()) >= max(others)


def _comparison(evaluation: Evaluation, ranking: str, measure: str) -> Comparison:
    best = max(BASELINES, key=lambda name: float(evaluation.of(name, measure).mean()))
    differences = evaluation.of(ranking, measure) - evaluation.of(best, measure)
    low, high = difference_interval(differences)
    return Comparison(measure, best, float(differences.mean()), low, high)
