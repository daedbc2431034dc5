"""Vectors that came from elsewhere, made sure of before they are stored or compared."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["MAX_DIMENSION", "UnusableVectorsError", "unit_rows"]

MAX_DIMENSION = 1536
"""The length of the API's vectors: shorter ones are padded with zeros, longer ones do not fit."""


class UnusableVectorsError(ValueError):
    """What an embedder returned is not one vector for each text; the message says what it is."""


def unit_rows(vectors: Any, count: int, dimension: int | None = None) -> NDArray[np.float32]:
    """Return vectors as rows of unit length: float32, shape (count, dimension).

    Args:
        vectors: a sequence of vectors, of any kind.
        count: how many there must be.
        dimension: how long they must be; None for any length that the API has room for.

    Raises:
        UnusableVectorsError: there are more or fewer, or one can't be used.
    """
    try:
        rows: NDArray[np.float64] = np.asarray(vectors, dtype=np.float64)
    except (TypeError, ValueError, OverflowError):
        raise UnusableVectorsError("something else than vectors of numbers of one length") from None
    if len(rows.shape) == 0 or len(rows) != count:
        found = len(rows) if rows.shape else 0
        raise UnusableVectorsError(f"{found} vectors for {count} texts")
    if rows.ndim != 2:
        raise UnusableVectorsError("something else than vectors of numbers of one length")
    _check_dimension(rows.shape[1], dimension)
    return _scaled(rows)


def _check_dimension(found: int, wanted: int | None) -> None:
    if not 1 <= found <= MAX_DIMENSION:
        raise UnusableVectorsError(
            f"vectors of {found} numbers; the API's have {MAX_DIMENSION}, so that only shorter "
            "ones fit: choose another model"
        )
    if wanted not in (None, found):
        raise UnusableVectorsError(f"vectors of {found} numbers instead of {wanted}")


def _scaled(rows: NDArray[np.float64]) -> NDArray[np.float32]:
    if not np.isfinite(rows).all():
        raise UnusableVectorsError("a vector with a number that is none (NaN or infinite)")
    largest = np.abs(rows).max(axis=1, initial=0.0, keepdims=True)
    if not largest.all():
        raise UnusableVectorsError("a vector of zeros, which has no direction")
    # Scaled first: the squares of what a double holds are more than a double holds.
    scaled = rows / largest
    unit: NDArray[np.float32] = (scaled / np.linalg.norm(scaled, axis=1, keepdims=True)).astype(
        np.float32
    )
    return unit
