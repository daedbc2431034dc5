"""An embedder that sends nothing for a store that it must not write to."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .protocol import address_of

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import numpy as np
    from numpy.typing import NDArray

    from .protocol import Embedder

__all__ = ["StoreCheckedEmbedder"]


class StoreCheckedEmbedder:
    """Checks the store before each call of the service.

    Args:
        embedder: The embedder that sends texts to a service.
        check: Raises a `ServiceError` if the store holds another embedder's vectors.
    """

    def __init__(self, embedder: Embedder, check: Callable[[], None]) -> None:
        self.name = embedder.name
        self.sends_to = address_of(embedder)
        self._embedder = embedder
        self._check = check

    @property
    def dimension(self) -> int:
        """Length of each vector."""
        return self._embedder.dimension

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return one unit-length row per text.

        Raises:
            ServiceError: The store holds another embedder's vectors, or the service failed.
        """
        self._check()
        return self._embedder.embed(texts)

    def similarity(
        self, cosine: NDArray[np.floating], held: NDArray[np.floating] | float = 0.0
    ) -> NDArray[np.float32]:
        """Return the wrapped embedder's similarities."""
        return self._embedder.similarity(cosine, held)

    def __getattr__(self, name: str) -> Any:
        """Return an attribute that only some embedders have, such as `languages`."""
        return getattr(self._embedder, name)
