"""The Embedder protocol, and the optional attributes of embedders that call a service."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    from numpy.typing import NDArray

__all__ = ["BALANCE_POINT", "Embedder", "MissingEmbedderError", "address_of"]

BALANCE_POINT = 0.7
"""The similarity (0 to 1) at which an embedder misses the same share of related pairs as it returns
of unrelated ones. It is the API's default `threshold`.
"""


class Embedder(Protocol):
    """What the server needs of an embedder. Implementations must be thread-safe.

    Embedders that call a service may also have `sends_to` (a URL), `usage` (a `Usage`) and
    `dollars_per_million` (the price of a million tokens). Embedders with a fitted calibration have
    `cosine_correction`, as `Calibration` has. Those that know some languages only have `languages`,
    the ISO 639-1 codes.
    """

    @property
    def name(self) -> str:
        """Identifies the model and its settings: equal names mean comparable vectors."""

    @property
    def dimension(self) -> int:
        """Length of each vector, 1 to 1536."""

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return one unit-length row per text, in order: float32, shape (len(texts), dimension)."""

    def similarity(
        self, cosine: NDArray[np.floating], held: NDArray[np.floating] | float = 0.0
    ) -> NDArray[np.float32]:
        """Map cosines (-1 to 1, any shape) to similarities (0 to 1, same shape).

        The map is monotone in `cosine` and in `held`. `BALANCE_POINT` separates related from
        unrelated texts.

        Args:
            cosine: Cosine between the vectors of the query and the memory.
            held: Share (0 to 1) of the query's word weight (IDF) that also occurs in the memory.
        """


class MissingEmbedderError(Exception):
    """An embedder's packages, key or module are missing; the message says what to do."""


def address_of(embedder: Embedder | None) -> str | None:
    """Return the URL that an embedder sends texts to, or None if they stay in this process."""
    address: str | None = getattr(embedder, "sends_to", None)
    return address
