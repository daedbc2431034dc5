"""What cosines to expect of unrelated texts, for stores with too few memories to tell."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from .feature_scores import CosinePrior

if TYPE_CHECKING:
    from memoryos_server.embedders import Embedder

__all__ = ["expected_cosines"]

_COSINES = np.linspace(0.0, 1.0, 1001)
# With calibrated embedders, the mean of all memories of a store has about this similarity, and the
# default threshold lies this many standard deviations above it.
_OF_MEAN, _OF_THRESHOLD = 0.2, 0.7
_DEVIATIONS_BETWEEN = 1.25
_MIN_DEVIATION = 0.01


def expected_cosines(embedder: Embedder) -> CosinePrior:
    """Return the distribution that the calibration of an embedder implies.

    Embedders with a fitted one have `cosine_correction`; others' says little about their scale.
    """
    similarities = np.asarray(embedder.similarity(_COSINES), np.float64)
    mean, threshold = (
        float(_COSINES[np.argmax(similarities >= value)]) for value in (_OF_MEAN, _OF_THRESHOLD)
    )
    deviation = max((threshold - mean) / _DEVIATIONS_BETWEEN, _MIN_DEVIATION)
    return CosinePrior(mean, deviation, is_fitted=hasattr(embedder, "cosine_correction"))
