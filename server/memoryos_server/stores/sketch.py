"""Short images of many vectors, to find the nearest ones without reading all of them.

The images are the vectors' leading principal components: as far as the vectors of a text model go,
a quarter of the numbers keeps most of every cosine. What looks near is then compared in full.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from .growing import Growing

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["Sketch"]

_SAMPLE = 20_000
_AT_ONCE = 16_384


class Sketch:
    """The images of vectors, in their order.

    Args:
        vectors: the first ones, of unit length, one a row; they decide what the images keep.
        width: how many numbers an image has.
    """

    def __init__(self, vectors: NDArray[np.float32], width: int) -> None:
        sample = vectors[:: max(1, len(vectors) // _SAMPLE)]
        _, directions = np.linalg.eigh(sample.T @ sample)
        self._directions = np.ascontiguousarray(directions[:, -width:])
        self._images = Growing(np.float32, self._directions.shape[1])
        self.extend(vectors)

    def extend(self, vectors: NDArray[np.float32]) -> None:
        """Add the images of more vectors."""
        for start in range(0, len(vectors), _AT_ONCE):
            self._images.extend(vectors[start : start + _AT_ONCE] @ self._directions)

    def clear(self, row: int) -> None:
        """Make the image of a row zero."""
        self._images.values[row] = 0

    def cosines(self, query: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return about the cosine of `query` and each of the vectors."""
        near: NDArray[np.float32] = self._images.values @ (query @ self._directions)
        return near
