"""A deterministic embedder without a model, for tests: hashed bags of words.

It finds shared words and nothing else, and needs no file.
"""

from __future__ import annotations

import re
import zlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    from numpy.typing import NDArray

__all__ = ["HashingEmbedder"]

MIN_DIMENSION = 2
DEFAULT_DIMENSION = 384

_WORD = re.compile(r"\w+")


class HashingEmbedder:
    """Texts that share words are similar, equal texts have cosine 1, others about 0.

    Args:
        dimension: Length of the vectors, at least 2. With fewer buckets, more words collide.

    Raises:
        ValueError: The dimension is too small.
    """

    def __init__(self, dimension: int = DEFAULT_DIMENSION) -> None:
        if dimension < MIN_DIMENSION:
            raise ValueError(f"dimension must be at least {MIN_DIMENSION}, got {dimension}")
        self.name = f"hashing-{dimension}"
        self.dimension = dimension

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return one unit-length row per text: the counts of its words, hashed into buckets."""
        import numpy as np

        rows = np.zeros((len(texts), self.dimension), dtype=np.float32)
        for row, text in zip(rows, texts, strict=True):
            words = _WORD.findall(text.casefold()) or [text]
            for word in words:
                row[zlib.crc32(word.encode()) % self.dimension] += 1.0
        rows /= np.linalg.norm(rows, axis=1, keepdims=True)
        return rows

    def similarity(
        self,
        cosine: NDArray[np.floating],
        held: NDArray[np.floating] | float = 0.0,  # noqa: ARG002 - the cosine compares words already
    ) -> NDArray[np.float32]:
        """Return the cosine clipped to 0..1, uncalibrated, so that tests can compute it by hand."""
        import numpy as np

        return np.clip(np.asarray(cosine, dtype=np.float32), 0.0, 1.0)
