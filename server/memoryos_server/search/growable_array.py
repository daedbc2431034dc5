"""Growable NumPy array with amortised O(1) append."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import DTypeLike, NDArray

__all__ = ["GrowableArray"]

_FIRST_CAPACITY_ROWS = 64
_GROWTH_FACTOR = 1.5


class GrowableArray:
    """Values, or rows of values, in the order in which they were added.

    Args:
        dtype: the type of a value.
        width: how many values make a row; None for single values.
    """

    def __init__(self, dtype: DTypeLike, width: int | None = None) -> None:
        self._shape = () if width is None else (width,)
        self._values: NDArray[Any] = np.empty((0, *self._shape), dtype)
        self._size = 0

    def __len__(self) -> int:
        return self._size

    @property
    def values(self) -> NDArray[Any]:
        """What is in it; writing to it changes it. Valid until more is added."""
        return self._values[: self._size]

    def reserve(self, capacity: int) -> None:
        """Make room for so many values, so that none is copied until there are more."""
        if capacity > len(self._values):
            grown = np.empty((capacity, *self._shape), self._values.dtype)
            grown[: self._size] = self.values
            self._values = grown

    def extend(self, values: Any) -> None:
        """Add values at the end."""
        end = self._size + len(values)
        if end > len(self._values):
            self.reserve(max(end, int(_GROWTH_FACTOR * len(self._values)), _FIRST_CAPACITY_ROWS))
        self._values[self._size : end] = values
        self._size = end

    def keep(self, rows: NDArray[np.intp]) -> None:
        """Drop all values but these, in this order."""
        self._values = self.values[rows]
        self._size = len(rows)
