"""The monotone map from cosine and words to a similarity, with the parameters that a fit wrote."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from importlib.resources import files
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["Calibration"]

_FITTED = "minilm_calibration.json"
_BALANCE_POINT = 0.7  # `BALANCE_POINT` of the package, which imports this
_LEAST_BALANCE, _MOST_BALANCE = 0.1, 0.95
_HALVINGS = 40


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

    @classmethod
    def assumed(cls, balance: float) -> Calibration:
        """Return MiniLM's curve, moved to where `balance` has the similarity 0.7.

        For embedders that nothing was fitted to: all that is known of them is about where related
        and unrelated texts part.

        Args:
            balance: a cosine, 0.1 to 0.95.

        Raises:
            ValueError: it is out of its range.
        """
        if not _LEAST_BALANCE <= balance <= _MOST_BALANCE:
            raise ValueError(
                f"balance must be from {_LEAST_BALANCE} to {_MOST_BALANCE}, got {balance}"
            )
        fitted = cls.load(_FITTED)
        low, high = balance - 1.0, balance + 1.0  # the further right, the lower the similarity
        for _ in range(_HALVINGS):
            middle = (low + high) / 2
            moved = replace(fitted, midpoint=middle)
            if moved.similarity(np.array(balance)) > _BALANCE_POINT:
                low = middle
            else:
                high = middle
        return replace(fitted, midpoint=(low + high) / 2)

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
