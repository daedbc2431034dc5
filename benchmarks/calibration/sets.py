"""The pairs of a retrieval set: every query with its answers, and with some other memories."""

from __future__ import annotations

import hashlib
import random
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from benchmarks.retrieval.observations import index_of
from benchmarks.retrieval.sets import read_sets

from .dataset import REQUEST, Pair
from .measure import Scored, features_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from benchmarks.retrieval.sets import RetrievalSet, World
    from memoryos_server.embedders import Embedder

__all__ = ["own_sets", "score_set", "sets_hash"]

UNRELATED_PER_QUERY = 12
"""How many other memories are drawn, so that large stores don't outweigh small ones."""

_SEED = 16
_REQUESTS = "requests"
_OWN = Path(__file__).parents[2] / "tests" / "retrieval" / "sets"


def own_sets() -> list[RetrievalSet]:
    """Return the sets of this repository."""
    return read_sets(_OWN)


def sets_hash() -> str:
    """Return the SHA-256 over the files of `own_sets`."""
    contents = [(_OWN / f"{one.name}.jsonl").read_bytes() for one in own_sets()]
    return hashlib.sha256(b"".join(contents)).hexdigest()


def score_set(embedder: Embedder, retrieval_set: RetrievalSet, usual_mean: float | None) -> Scored:
    """Return the features of a set's pairs, whose `person` is the name of the set."""
    drawing = random.Random(_SEED)
    rows = [
        row
        for world in retrieval_set.worlds
        for row in _rows(embedder, world, usual_mean, retrieval_set.name, drawing)
    ]
    values = np.array([features for _, features in rows], np.float32)
    return Scored([pair for pair, _ in rows], values[:, 0], values[:, 1])


def _rows(
    embedder: Embedder, world: World, usual_mean: float | None, name: str, drawing: random.Random
) -> Iterator[tuple[Pair, tuple[float, float]]]:
    texts = [document.text for document in world.documents]
    index = index_of(world, embedder)
    for query in world.queries:
        features = features_of(embedder, query.text, index, usual_mean)
        gold = [place for place, item in enumerate(world.documents) if item.id in query.gold]
        others = sorted(set(range(len(texts))) - set(gold))
        drawn = drawing.sample(others, min(UNRELATED_PER_QUERY, len(others)))
        for place in (*gold, *drawn):
            kind = REQUEST if name == _REQUESTS else query.kind
            pair = Pair(name, query.text, texts[place], kind, related=place in gold)
            yield pair, features[place]
