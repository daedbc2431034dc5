"""Embedders for the tests of `memoryos reembed`: equal in length, and each other's nonsense."""

from __future__ import annotations

import contextlib

import numpy as np

from memoryos_server.embedders.hashing_embedder import HashingEmbedder
from memoryos_server.model.errors import ServiceError
from memoryos_server.service.reembedding import Reembedding
from memoryos_server.stores.factory import open_store

AT_ONCE = 20  # memories in a batch
MANY = 50  # more than two batches

_VECTORS = """
  SELECT content, vector FROM memories LEFT JOIN vectors USING (owner, number)
"""


class Turned:
    """Vectors of the hashing embedder, turned: of the same length, and comparable with no other's.

    Args:
        steps: how far they are turned; 0 for not at all.
        meanwhile: called before each batch, with how many came before it.
    """

    def __init__(self, steps, meanwhile=lambda count: None, dimension=64):
        self._hashing = HashingEmbedder(dimension)
        self._steps = steps
        self._meanwhile = meanwhile
        self._batches = 0
        self.texts = []
        self.name = f"turned-{steps}-{dimension}"
        self.dimension = dimension

    def embed(self, texts):
        self._meanwhile(self._batches)
        self._batches += 1
        self.texts.extend(texts)
        return np.roll(self._hashing.embed(texts), self._steps, axis=1)

    def similarity(self, cosine, held=0.0):
        return self._hashing.similarity(cosine, held)


def vectors_of(rows_of, service):
    """Every memory's vector, as the store has it: the content, and the numbers."""
    rows = rows_of(service, "SELECT content, NULL FROM memories")
    with contextlib.suppress(ServiceError):  # PostgreSQL's table comes and goes with the vectors
        rows = rows_of(service, _VECTORS)
    return {content: _numbers(vector) for content, vector in rows}


def _numbers(stored):
    if stored is None:
        return None
    if isinstance(stored, bytes):
        return np.frombuffer(stored, "<f4").tolist()
    return [float(np.float32(part)) for part in stored.strip("[]").split(",")]


@contextlib.contextmanager
def opened(place, embedder):
    with contextlib.closing(
        open_store(place, embedder=None if embedder is None else embedder.name)
    ) as store:
        yield Reembedding(store, embedder)
