"""The monotone map from cosine and words to a similarity, with the parameters that a fit wrote."""

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
    """A logistic curve over cosine + words · held, stretched so that 0 (and below) is 0 and 1 is 1.

    Attributes:
        slope: steepness, above 0: how much the log-odds of being related grow with the cosine.
        midpoint: where the curve is steepest.
        words: what it counts, as a cosine, that a memory holds all words of the query; 0 or more.
    """

    slope: float
    midpoint: float
    words: float = 0.0

    @classmethod
    def load(cls, name: str) -> Calibration:
        """Read the parameters from a JSON file of this package."""
        record = json.loads(files(__package__).joinpath(name).read_text(encoding="utf-8"))
        return cls(**record["parameters"])

    def similarity(
        self, cosine: NDArray[np.floating], held: NDArray[np.floating] | float = 0.0
    ) -> NDArray[np.float32]:
        """Map cosines (-1..1) to similarities (0..1), any shape, the same shape out.

        Args:
            cosine: of the query's vector and the memory's.
            held: how much of what the query's words tell the memory's words tell, 0 to 1.
        """
        lowest, highest = self._logistic(np.array([0.0, 1.0]))
        own = np.asarray(cosine, dtype=np.float64) + self.words * np.asarray(held, np.float64)
        curve = self._logistic(np.clip(own, 0.0, 1.0))
        return np.asarray((curve - lowest) / (highest - lowest), dtype=np.float32)

    def _logistic(self, cosine: NDArray[np.float64]) -> NDArray[np.float64]:
        logistic: NDArray[np.float64] = 1.0 / (1.0 + np.exp(-self.slope * (cosine - self.midpoint)))
        return logistic
