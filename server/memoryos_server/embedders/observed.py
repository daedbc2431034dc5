"""An embedder that reports its calls to the metrics of the server."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    from numpy.typing import NDArray

    from .protocol import Embedder

__all__ = ["EmbeddingObserver", "ObservedEmbedder"]


class EmbeddingObserver(Protocol):
    """Counts the calls of an embedder. Thread-safe."""

    def embedded(self, texts: int, seconds: float, *, failed: bool) -> None:
        """Count a call.

        Args:
            texts: The number of texts.
            seconds: How long the call took.
            failed: Whether it raised an exception.
        """


class ObservedEmbedder:
    """Reports each call of an embedder to an observer.

    Args:
        embedder: The embedder.
        observer: Counts the calls.
    """

    def __init__(self, embedder: Embedder, observer: EmbeddingObserver) -> None:
        self.name = embedder.name
        self._embedder = embedder
        self._observer = observer

    @property
    def dimension(self) -> int:
        """Length of each vector."""
        return self._embedder.dimension

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return one unit-length row per text."""
        started, failed = time.perf_counter(), True
        try:
            rows = self._embedder.embed(texts)
            failed = False
        finally:
            self._observer.embedded(len(texts), time.perf_counter() - started, failed=failed)
        return rows

    def similarity(
        self, cosine: NDArray[np.floating], held: NDArray[np.floating] | float = 0.0
    ) -> NDArray[np.float32]:
        """Return the wrapped embedder's similarities."""
        return self._embedder.similarity(cosine, held)

    def __getattr__(self, name: str) -> Any:
        """Return an attribute that only some embedders have, such as `usage`."""
        return getattr(self._embedder, name)
