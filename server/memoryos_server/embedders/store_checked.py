"""Asking the store before a service: what it may not keep is not sent anywhere."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import numpy as np
    from numpy.typing import NDArray

    from . import Embedder

__all__ = ["Guarded", "Remote", "address_of"]


class Remote(Protocol):
    """An embedder that sends texts to another service."""

    @property
    def sends_to(self) -> str:
        """The address that the texts are sent to."""


def address_of(embedder: Embedder | None) -> str | None:
    """Return where an embedder sends texts to; None where they stay in this process."""
    address: str | None = getattr(embedder, "sends_to", None)
    return address


class Guarded:
    """An embedder that makes sure of the store's consent before each call of another service.

    Args:
        embedder: sends texts to a service.
        check: raises a `ServiceError` where the store holds another embedder's vectors.
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
            ServiceError: the store holds another embedder's vectors, or the service failed.
        """
        self._check()
        return self._embedder.embed(texts)

    def similarity(
        self, cosine: NDArray[np.floating], held: NDArray[np.floating] | float = 0.0
    ) -> NDArray[np.float32]:
        """Return the embedder's own similarities."""
        return self._embedder.similarity(cosine, held)
