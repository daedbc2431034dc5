"""The monotone map from cosines to similarities, with parameters fitted to labelled data."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from importlib.resources import files
from typing import TYPE_CHECKING

from .protocol import BALANCE_POINT

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["MINILM_FILE", "Calibration", "check_balance", "common_part"]

MINILM_FILE = "minilm_calibration.json"
MIN_BALANCE, MAX_BALANCE = 0.1, 0.95

_BISECTION_STEPS = 40


@dataclass(frozen=True)
class Calibration:
    """A logistic curve over cosine + words * held, rescaled to map 0 (and below) to 0 and 1 to 1.

    Attributes:
        slope: Steepness, above 0: growth of the log-odds of being related, per unit of cosine.
        midpoint: Where the curve is steepest.
        words: The cosine that a memory containing all of the query's words gains, 0 or more.
        usual_mean: The mean cosine of a query and all memories up to which it is as usual, or None
            to ignore the mean; see `common_part`.
        requests: The cosine that every memory gains for a request, such as "Suggest a dessert":
            what helps to do it is farther from its words than an answer is from a question.
    """

    slope: float
    midpoint: float
    words: float = 0.0
    usual_mean: float | None = None
    requests: float = 0.0

    @classmethod
    def load(cls, name: str) -> Calibration:
        """Read the parameters from a JSON file of this package."""
        record = json.loads(files(__package__).joinpath(name).read_text(encoding="utf-8"))
        return cls(**record["parameters"])

    @classmethod
    def assumed(cls, balance: float) -> Calibration:
        """Return MiniLM's curve, shifted so that `balance` has the similarity 0.7.

        For embedders without labelled data, of which only the cosine that separates related from
        unrelated texts is known, and that roughly.

        Args:
            balance: A cosine, 0.1 to 0.95.

        Raises:
            ValueError: `balance` is out of its range.
        """
        check_balance(balance)
        import numpy as np

        fitted = replace(cls.load(MINILM_FILE), usual_mean=None, requests=0.0)
        low, high = balance - 1.0, balance + 1.0  # a larger midpoint lowers the similarity
        for _ in range(_BISECTION_STEPS):
            middle = (low + high) / 2
            shifted = replace(fitted, midpoint=middle)
            if shifted.similarity(np.array(balance)) > BALANCE_POINT:
                low = middle
            else:
                high = middle
        return replace(fitted, midpoint=(low + high) / 2)

    def similarity(
        self, cosine: NDArray[np.floating], held: NDArray[np.floating] | float = 0.0
    ) -> NDArray[np.float32]:
        """Map cosines (-1 to 1) to similarities (0 to 1); any shape, the same shape out.

        Args:
            cosine: Cosine between the vectors of the query and the memory.
            held: Share (0 to 1) of the query's word weight (IDF) that also occurs in the memory.
        """
        import numpy as np

        lowest, highest = self._logistic(np.array([0.0, 1.0]))
        corrected_cosine = np.asarray(cosine, dtype=np.float64) + self.words * np.asarray(
            held, np.float64
        )
        curve = self._logistic(np.clip(corrected_cosine, 0.0, 1.0))
        return np.asarray((curve - lowest) / (highest - lowest), dtype=np.float32)

    def cosine_correction(self, mean: float, *, is_request: bool) -> float:
        """Return what to add to a query's cosines before they are mapped.

        Args:
            mean: Mean cosine of the query and all memories, estimated where they are few.
            is_request: Whether the query requests something, instead of asking.
        """
        return self.requests * is_request - common_part(mean, self.usual_mean)

    def _logistic(self, cosine: NDArray[np.float64]) -> NDArray[np.float64]:
        import numpy as np

        logistic: NDArray[np.float64] = 1.0 / (1.0 + np.exp(-self.slope * (cosine - self.midpoint)))
        return logistic


def check_balance(balance: float) -> None:
    """Check the argument of `Calibration.assumed`.

    Raises:
        ValueError: `balance` is out of its range.
    """
    if not MIN_BALANCE <= balance <= MAX_BALANCE:
        raise ValueError(f"balance must be from {MIN_BALANCE} to {MAX_BALANCE}, got {balance}")


def common_part(mean: float, usual_mean: float | None) -> float:
    """Return what to subtract from a query's cosines, because all memories have it.

    Texts of a language that the model doesn't know are all alike to it, and so are texts on one
    subject: what a memory shares with all others doesn't make it the one that is meant.

    Args:
        mean: Mean cosine of the query and the memories.
        usual_mean: The mean up to which nothing is subtracted, or None for never.
    """
    return 0.0 if usual_mean is None else max(0.0, mean - usual_mean)
