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

__all__ = ["area_under_curve", "balance", "balance_interval", "fit", "slopes", "wrong_at"]

_NEWTON_STEPS = 50
_RESAMPLES = 500
_SEED = 7


def fit(cosines: Sides, held: Sides) -> Calibration:
    """Return the map with the data's slope, which gives 0.7 at their balance point.

    Args:
        cosines: Cosines of related pairs, and of unrelated ones.
        held: The share of the query's word weight that the memory contains, of the same pairs.
    """
    signs = [np.stack(pair, axis=1) for pair in zip(cosines, held, strict=True)]
    steepness, of_words = slopes(*signs).tolist()
    words = max(0.0, of_words / steepness)
    own = [side @ np.array([1.0, words]) for side in signs]
    return Calibration(steepness, _midpoint(steepness, balance(*own)), words)


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


def slopes(related: Values, unrelated: Values) -> NDArray[np.float64]:
    """Return the slopes of a logistic regression with both classes weighted equally.

    Newton's method: the loss is convex and has few parameters.

    Args:
        related: One row for each pair, one column for each feature.
        unrelated: The same for unrelated pairs.
    """
    signs = np.concatenate([related, unrelated]).astype(np.float64)
    labels = np.repeat([1.0, 0.0], [len(related), len(unrelated)])
    weights = np.repeat([0.5 / len(related), 0.5 / len(unrelated)], [len(related), len(unrelated)])
    design = np.column_stack([signs, np.ones(len(signs))])
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
    for _ in range(60):
        middle = (low + high) / 2
        if Calibration(steepness, middle).similarity(np.array(balanced)) > BALANCE_POINT:
            low = middle
        else:
            high = middle
    return (low + high) / 2
