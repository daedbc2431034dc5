"""Fit the weights of the ranking features to questions with known answers."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from .features import Asked, ranked

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from .recall import Answered

    Vector = NDArray[np.float64]

__all__ = ["fit", "left_out"]

_STEPS = 50
_SMALLEST_STEP = 1e-6
_RIDGE = 1e-3


class _Loss(NamedTuple):
    value: float
    gradient: Vector
    curvature: NDArray[np.float64]


def fit(asked: Sequence[Asked]) -> list[float]:
    """Return the maximum-likelihood weights, scaled to 1 for the first.

    A memory's probability of being the answer is the softmax of its score. The loss is convex with
    one parameter per feature; Newton's method finds its minimum, halving steps that increase it.
    """
    weights = np.zeros(asked[0].features.shape[1])
    loss = _loss(asked, weights)
    for _ in range(_STEPS):
        step = np.linalg.solve(loss.curvature, loss.gradient)
        share = 1.0
        while (tried := _loss(asked, weights - share * step)).value >= loss.value:
            share /= 2
            if share < _SMALLEST_STEP:
                scaled: list[float] = (weights / weights[0]).tolist()
                return scaled
        weights, loss = weights - share * step, tried
    raise ArithmeticError("the fit has not come to rest")


def left_out(by_conversation: Mapping[str, Sequence[Asked]]) -> list[Answered]:
    """Return the results in each conversation with weights fitted to the others."""
    found: list[Answered] = []
    for name, asked in by_conversation.items():
        others = [
            item for other, items in by_conversation.items() if other != name for item in items
        ]
        found += ranked(asked, fit(others))
    return found


def _loss(asked: Sequence[Asked], weights: Vector) -> _Loss:
    """Return the mean loss over all questions, with L2 regularisation."""
    value = _RIDGE * float(weights @ weights) / 2
    gradient, curvature = _RIDGE * weights, _RIDGE * np.eye(len(weights))
    for item in asked:
        one = _loss_of(item, weights)
        value += one.value / len(asked)
        gradient = gradient + one.gradient / len(asked)
        curvature = curvature + one.curvature / len(asked)
    return _Loss(value, gradient, curvature)


def _loss_of(item: Asked, weights: Vector) -> _Loss:
    features = item.features.astype(np.float64)
    evidence = features @ weights
    highest = evidence.max()
    chances = np.exp(evidence - highest)
    total = chances.sum()
    chances /= total
    mean = chances @ features
    answers = features[sorted(item.question.evidence)].mean(axis=0)
    spread = (features.T * chances) @ features - np.outer(mean, mean)
    value = float(highest + np.log(total) - answers @ weights)
    return _Loss(value, mean - answers, spread)
