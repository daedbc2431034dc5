"""The operations of every peer. Standard library only: it runs in each peer's environment."""

from __future__ import annotations

import array
import random
from typing import Any

KEY = "mos_test_benchmark"
CONTENT = "Ada writes her notes in French and drinks her coffee black"
QUERY = "How does Ada take her coffee?"
LIMIT = 10
# The number of memories that the server pretends to have stored; see answers.py.
STORED = 2000

MEMORY: dict[str, Any] = {
    "content": CONTENT,
    "tier": "long",
    "content_type": "fact",
    "memory_nature": "semantic",
    "importance_score": 0.8,
    "metadata": {"tags": ["preferences"], "user_id": "ada"},
}
SEARCH: dict[str, Any] = {"query": QUERY, "threshold": 0.7, "limit": LIMIT, "tier": "long"}
_chance = random.Random(5)
# Exact in float32, as models return them, so that every container has the same text.
VECTOR = array.array("f", [_chance.gauss(0, 0.03) for _ in range(1536)]).tolist()


def vector(kind: str) -> Any:
    """Return the query's embedding as a list, a tuple, an array or a numpy array."""
    if kind == "tuple":
        return tuple(VECTOR)
    if kind == "array":
        return array.array("d", VECTOR)
    if kind == "numpy":
        import numpy as np

        return np.array(VECTOR, np.float32)
    return list(VECTOR)


def by_vector(embedding: Any) -> dict[str, Any]:
    """Return the body of a search with an embedding."""
    plain = embedding.tolist() if hasattr(embedding, "tolist") else embedding
    return {"embedding": plain, "threshold": 0.7, "limit": LIMIT, "tier": "long"}
