"""Fit the parameters of the map to the features of related and unrelated pairs."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from memoryos_server.embedders import BALANCE_POINT
from memoryos_server.embedders.calibration import Calibration

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    Values = NDArray[np.floating]
    Sides = tuple[Values, Values]

__all__ = [
    "area_under_curve",
    "balance",
    "balance_interval",
    "balance_of_groups",
    "fit",
    "fit_together",
    "slopes",
    "wrong_at",
]

SHARE_OF_REQUESTS = 0.5
"""How much of what would balance the mistakes of requests they gain.

All of it would find a quarter of all memories.
"""

_NEWTON_STEPS = 50
_BISECTION_STEPS = 60
_RESAMPLES = 500
_SEED = 7


def fit(cosines: Sides, held: Sides) -> Calibration:
    """Return the map with the data's slope, which gives 0.7 at their balance point.

    Args:
        cosines: Cosines of related pairs, and of unrelated ones.
        held: The share of the query's word weight that the memory contains, of the same pairs.
    """
    sides = [np.stack(side, axis=1) for side in zip(cosines, held, strict=True)]
    return fit_together([sides])


def fit_together(
    groups: Sequence[Sequence[Values]], usual_mean: float | None = None
) -> Calibration:
    """Return the map fitted to several groups of pairs, of which each weighs the same.

    Args:
        groups: For each group the related pairs and the unrelated ones, each a matrix with one row
            for each pair, and the columns cosine, share of the words, and optionally whether the
            query is a request.
        usual_mean: The mean cosine whose excess was taken off the cosines.
    """
    fitted = slopes(groups)
    steepness = float(fitted[0])
    weights = np.maximum(fitted / steepness, 0)
    weights[2:] *= SHARE_OF_REQUESTS
    balanced = balance_of_groups([[side @ weights for side in sides] for sides in groups])
    words, requests = np.append(weights, 0)[1:3].tolist()
    midpoint = _midpoint(steepness, balanced)
    return Calibration(steepness, midpoint, words, usual_mean, requests)


def balance_of_groups(groups: Sequence[Sequence[Values]]) -> float:
    """Return the threshold where both kinds of mistake are equally frequent, as a mean over groups.

    Args:
        groups: The related values and the unrelated ones of each group.
    """
    low, high = -1.0, 2.0
    for _ in range(_BISECTION_STEPS):
        middle = (low + high) / 2
        mistakes = [wrong_at(np.array([middle]), *sides) for sides in groups]
        missed, found = np.mean(mistakes, axis=0)[:, 0]
        low, high = (low, middle) if missed > found else (middle, high)
    return (low + high) / 2


def balance(related: Values, unrelated: Values) -> float:
    """Return the threshold where equal shares of related and unrelated pairs are misjudged.

    Values at or above a threshold count as found. All thresholds between two neighbouring values
    are equivalent, so the result is their midpoint.
    """
    values = np.unique(np.concatenate([related, unrelated]))
    thresholds = (values[1:] + values[:-1]) / 2
    missed, false = wrong_at(thresholds, related, unrelated)
    gaps = np.abs(missed - false)
    return float(thresholds[gaps == gaps.min()].mean())


def balance_interval(by_person: Sequence[tuple[Values, Values]]) -> tuple[float, float]:
    """Return the 95% bootstrap interval of the balance, resampling people.

    Args:
        by_person: Each person's related values and unrelated ones.
    """
    generator = np.random.default_rng(_SEED)
    balances = []
    for _ in range(_RESAMPLES):
        drawn = [
            by_person[index] for index in generator.integers(len(by_person), size=len(by_person))
        ]
        related, unrelated = (np.concatenate(values) for values in zip(*drawn, strict=True))
        balances.append(balance(related, unrelated))
    low, high = np.quantile(balances, [0.025, 0.975])
    return float(low), float(high)


def wrong_at(
    thresholds: Values, related: Values, unrelated: Values
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return for each threshold the share of related pairs missed and of unrelated ones found."""
    missed = np.searchsorted(np.sort(related), thresholds, side="left") / len(related)
    found = 1 - np.searchsorted(np.sort(unrelated), thresholds, side="left") / len(unrelated)
    return missed, found


def area_under_curve(related: Values, unrelated: Values) -> float:
    """Return the probability that a related pair scores above an unrelated one (ROC AUC)."""
    below = np.searchsorted(np.sort(unrelated), related, side="left")
    not_above = np.searchsorted(np.sort(unrelated), related, side="right")
    return float((below + not_above).mean() / 2 / len(unrelated))


def slopes(groups: Sequence[Sequence[Values]]) -> NDArray[np.float64]:
    """Return the slopes of a logistic regression with all groups and both classes weighted equally.

    Newton's method: the loss is convex and has few parameters.

    Args:
        groups: For each group the related pairs and the unrelated ones, each a matrix with one row
            for each pair and one column for each feature.
    """
    sides = [side for group in groups for side in group]
    sizes = [len(side) for side in sides]
    labels = np.repeat([1.0, 0.0] * len(groups), sizes)
    weights = np.repeat([1 / (len(sides) * size) for size in sizes], sizes)
    features = np.concatenate(sides).astype(np.float64)
    design = np.column_stack([features, np.ones(len(features))])
    parameters = np.zeros(design.shape[1])
    for _ in range(_NEWTON_STEPS):
        chance = 1 / (1 + np.exp(-design @ parameters))
        gradient = design.T @ (weights * (chance - labels))
        curvature = (design.T * (weights * chance * (1 - chance))) @ design
        parameters -= np.linalg.solve(curvature, gradient)
    return parameters[:-1]


def _midpoint(steepness: float, balanced: float) -> float:
    """Return, by bisection, the midpoint with which the map gives `balanced` the similarity 0.7."""
    low, high = -1.0, 1.0
    for _ in range(_BISECTION_STEPS):
        middle = (low + high) / 2
        if Calibration(steepness, middle).similarity(np.array(balanced)) > BALANCE_POINT:
            low = middle
        else:
            high = middle
    return (low + high) / 2
