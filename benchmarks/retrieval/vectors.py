"""An embedder that keeps its vectors in a file, so that each text is embedded once."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from memoryos_server.embedders import Embedder

__all__ = ["StoredVectors"]

_BATCH_SIZE = 64


class StoredVectors:
    """An embedder in front of another, whose vectors it keeps.

    Args:
        embedder: Embeds the texts that are not in the file.
        folder: Where the file is, named after the embedder; or None to keep nothing on the disk.
    """

    def __init__(self, embedder: Embedder, folder: Path | None = None) -> None:
        self._embedder = embedder
        self._path = None if folder is None else folder / f"vectors-{embedder.name}.npz"
        self._vectors: dict[str, NDArray[np.float32]] = {}
        if self._path is not None and self._path.is_file():
            with np.load(self._path) as held:
                self._vectors = dict(zip(held["keys"].tolist(), held["vectors"], strict=True))

    @property
    def name(self) -> str:
        """The name of the embedder behind it: the vectors are the same."""
        return self._embedder.name

    @property
    def dimension(self) -> int:
        """Length of each vector."""
        return self._embedder.dimension

    def __getattr__(self, name: str) -> Any:
        """Return an attribute that only some embedders have."""
        return getattr(self._embedder, name)

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return one unit-length row per text."""
        keys = [hashlib.sha256(text.encode()).hexdigest() for text in texts]
        by_key = dict(zip(keys, texts, strict=True))
        missing = [key for key in by_key if key not in self._vectors]
        for start in range(0, len(missing), _BATCH_SIZE):
            batch = missing[start : start + _BATCH_SIZE]
            rows = self._embedder.embed([by_key[key] for key in batch])
            self._vectors.update(zip(batch, rows, strict=True))
        return np.array([self._vectors[key] for key in keys], np.float32).reshape(
            len(texts), self.dimension
        )

    def similarity(
        self, cosine: NDArray[np.floating], held: NDArray[np.floating] | float = 0.0
    ) -> NDArray[np.float32]:
        """Return the similarities of the embedder behind it."""
        return self._embedder.similarity(cosine, held)

    def save(self) -> None:
        """Write the vectors to the file."""
        if self._path is not None:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            keys = np.array(list(self._vectors))
            np.savez(self._path, keys=keys, vectors=np.array(list(self._vectors.values())))
