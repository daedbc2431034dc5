"""Validate the vectors of an embedder and scale them to unit length."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["MAX_DIMENSION", "InvalidVectorsError", "to_unit_vectors"]

MAX_DIMENSION = 1536
"""The dimension of the API's vectors: shorter ones are padded with zeros, longer ones rejected."""


class InvalidVectorsError(ValueError):
    """An embedder did not return one usable vector per text; the message says what it returned."""


def to_unit_vectors(vectors: Any, count: int, dimension: int | None = None) -> NDArray[np.float32]:
    """Return vectors as rows of unit length: float32, shape (count, dimension).

    Args:
        vectors: A sequence of vectors, or an array.
        count: The expected number of vectors.
        dimension: Their expected length; None for any from 1 to `MAX_DIMENSION`.

    Raises:
        InvalidVectorsError: The number of vectors or their length is wrong, or a value is unusable.
    """
    import numpy as np

    try:
        rows: NDArray[np.float64] = np.asarray(vectors, dtype=np.float64)
    except (TypeError, ValueError, OverflowError):
        raise InvalidVectorsError("something other than number vectors of one length") from None
    found = len(rows) if rows.shape else 0
    if not rows.shape or found != count:
        raise InvalidVectorsError(f"{found} vectors for {count} texts")
    if rows.ndim != 2:
        raise InvalidVectorsError("something other than number vectors of one length")
    _check_dimension(rows.shape[1], dimension)
    return _normalized(rows)


def _check_dimension(found: int, expected: int | None) -> None:
    if not 1 <= found <= MAX_DIMENSION:
        raise InvalidVectorsError(
            f"vectors of {found} numbers; the API takes 1 to {MAX_DIMENSION}: choose another model"
        )
    if expected not in (None, found):
        raise InvalidVectorsError(f"vectors of {found} numbers instead of {expected}")


def _normalized(rows: NDArray[np.float64]) -> NDArray[np.float32]:
    import numpy as np

    if not np.isfinite(rows).all():
        raise InvalidVectorsError("a vector that contains NaN or infinity")
    largest = np.abs(rows).max(axis=1, initial=0.0, keepdims=True)
    if not largest.all():
        raise InvalidVectorsError("a vector of zeros, which has no direction")
    # Squares of large numbers would overflow: divide by the largest one first.
    scaled = rows / largest
    unit: NDArray[np.float32] = (scaled / np.linalg.norm(scaled, axis=1, keepdims=True)).astype(
        np.float32
    )
    return unit
