"""Thread-safe LRU cache of vectors by text."""

from __future__ import annotations

from collections import OrderedDict
from hashlib import blake2b
from threading import Lock
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["MAX_CACHED_VECTORS", "VectorCache"]

MAX_CACHED_VECTORS = 1024
"""Number of vectors that an embedder keeps by default."""


class VectorCache:
    """Keeps the most recently used vectors.

    The keys are digests of the texts, so that a long text takes no more memory than a short one.

    Args:
        max_vectors: Number of vectors kept, 0 or more. With 384 dimensions each takes about 2 kB.
    """

    def __init__(self, max_vectors: int = MAX_CACHED_VECTORS) -> None:
        self._max_vectors = max_vectors
        self._vectors: OrderedDict[bytes, NDArray[np.float32]] = OrderedDict()
        self._lock = Lock()

    def get(self, text: str) -> NDArray[np.float32] | None:
        """Return the vector of `text`, or None if it is not in the cache."""
        key = _digest(text)
        with self._lock:
            vector = self._vectors.get(key)
            if vector is not None:
                self._vectors.move_to_end(key)
            return vector

    def put(self, text: str, vector: NDArray[np.float32]) -> None:
        """Store the vector of `text`; a full cache evicts the least recently used one."""
        key = _digest(text)
        with self._lock:
            self._vectors[key] = vector
            self._vectors.move_to_end(key)
            if len(self._vectors) > self._max_vectors:
                self._vectors.popitem(last=False)


def _digest(text: str) -> bytes:
    return blake2b(text.encode(), digest_size=16).digest()
