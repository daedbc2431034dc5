"""The monotone map from a model's cosine to a similarity, with the parameters that a fit wrote."""

from __future__ import annotations

import json
from dataclasses import dataclass
from importlib.resources import files
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["Calibration"]


@dataclass(frozen=True)
class Calibration:
    """A logistic curve, stretched so that cosine 0 (and below) is 0 and cosine 1 is 1.

    Attributes:
        slope: steepness, above 0: how much the log-odds of being related grow with the cosine.
        midpoint: the cosine where the curve is steepest.
    """

    slope: float
    midpoint: float

    @classmethod
    def load(cls, name: str) -> Calibration:
        """Read the parameters from a JSON file of this package."""
        record = json.loads(files(__package__).joinpath(name).read_text(encoding="utf-8"))
        return cls(slope=record["parameters"]["slope"], midpoint=record["parameters"]["midpoint"])

    def similarity(self, cosine: NDArray[np.floating]) -> NDArray[np.float32]:
        """Map cosines (-1..1) to similarities (0..1), any shape, the same shape out."""
        lowest, highest = self._logistic(np.array([0.0, 1.0]))
        curve = self._logistic(np.clip(np.asarray(cosine, dtype=np.float64), 0.0, 1.0))
        return np.asarray((curve - lowest) / (highest - lowest), dtype=np.float32)

    def _logistic(self, cosine: NDArray[np.float64]) -> NDArray[np.float64]:
        logistic: NDArray[np.float64] = 1.0 / (1.0 + np.exp(-self.slope * (cosine - self.midpoint)))
        return logistic
