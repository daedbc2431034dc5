"""A bounded cache of vectors by text, safe to share between threads."""

from __future__ import annotations

from collections import OrderedDict
from hashlib import blake2b
from threading import Lock
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["VectorCache"]


class VectorCache:
    """Keeps the most recently used vectors.

    Texts are kept as digests only, so that a long text costs no more than a short one.

    Args:
        size: vectors kept, 0 or more. With 384 dimensions each takes about 2 kB.
    """

    def __init__(self, size: int) -> None:
        self._size = size
        self._vectors: OrderedDict[bytes, NDArray[np.float32]] = OrderedDict()
        self._lock = Lock()

    def get(self, text: str) -> NDArray[np.float32] | None:
        """Return the vector last put for `text`, or None where it was never put or has gone."""
        key = _digest(text)
        with self._lock:
            vector = self._vectors.get(key)
            if vector is not None:
                self._vectors.move_to_end(key)
            return vector

    def put(self, text: str, vector: NDArray[np.float32]) -> None:
        """Keep `vector` for `text`, at the cost of the one that was not used for longest."""
        key = _digest(text)
        with self._lock:
            self._vectors[key] = vector
            self._vectors.move_to_end(key)
            if len(self._vectors) > self._size:
                self._vectors.popitem(last=False)


def _digest(text: str) -> bytes:
    return blake2b(text.encode(), digest_size=16).digest()
