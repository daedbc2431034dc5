"""What cosines to expect of unrelated texts, for stores with too few memories to tell."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from .feature_scores import CosinePrior

if TYPE_CHECKING:
    from memoryos_server.embedders import Embedder

__all__ = ["expected_cosines"]

_COSINES = np.linspace(0.0, 1.0, 1001)
# The similarity of cosines that lie one and three standard deviations above the mean, as measured
# with calibrated embedders.
_LOW, _HIGH = 0.15, 0.6
_DEVIATIONS_BETWEEN = 2.0


def expected_cosines(embedder: Embedder) -> CosinePrior:
    """Return the distribution that the calibration of an embedder implies."""
    similarities = np.asarray(embedder.similarity(_COSINES), np.float64)
    low, high = (float(_COSINES[np.argmax(similarities >= value)]) for value in (_LOW, _HIGH))
    deviation = max((high - low) / _DEVIATIONS_BETWEEN, 0.01)
    return CosinePrior(low - deviation, deviation)
