"""Fitting the weights of evidence to questions with known answers. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from .features import Asked

__all__ = ["fit"]

_STEPS = 25
_RIDGE = 1e-3


def fit(asked: Sequence[Asked]) -> list[float]:
    """Return the weights under which the answers are the likeliest, scaled to 1 for the first.

    Each memory's chance to be the answer is taken as the exponential of its evidence, against that
    of all others. The loss is convex and has as many parameters as there are features: Newton's
    method finds its minimum.
    """
    weights = np.zeros(asked[0].features.shape[1])
    for _ in range(_STEPS):
        gradient, curvature = _RIDGE * weights, _RIDGE * np.eye(len(weights))
        for item in asked:
            slope, bend = _derivatives(item, weights)
            gradient = gradient + slope / len(asked)
            curvature = curvature + bend / len(asked)
        weights -= np.linalg.solve(curvature, gradient)
    scaled: list[float] = (weights / weights[0]).tolist()
    return scaled


def _derivatives(
    item: Asked, weights: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    features = item.features.astype(np.float64)
    evidence = features @ weights
    chances = np.exp(evidence - evidence.max())
    chances /= chances.sum()
    mean = chances @ features
    answers = features[sorted(item.question.evidence)].mean(axis=0)
    spread = (features.T * chances) @ features - np.outer(mean, mean)
    return mean - answers, spread
