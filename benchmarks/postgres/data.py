"""Synthetic memories that need no embedder: invented sentences, and vectors with topics.

A text model's vectors form clusters, which differ mostly in a few directions. Each of these vectors
is the sum of a topic's direction, one of the topic's few own directions, and noise.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from uuid import UUID

import numpy as np

from memoryos_server.model.integrity import integrity_hash
from memoryos_server.model.records import Memory

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

DIMENSION = 384
TOPICS = 500
WORDS = 20_000
START = datetime(2026, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Data:
    """Memories of one owner, their vectors, and queries of the same kind."""

    memories: list[Memory]
    vectors: NDArray[np.float32]
    queries: list[str]
    query_vectors: NDArray[np.float32]


def made(owner: str, count: int, queries: int, seed: int) -> Data:
    """Return `count` memories, always the same ones for the same seed."""
    random = np.random.default_rng(seed)
    topics = random.standard_normal((TOPICS, 8, DIMENSION)).astype(np.float32)
    vectors = _vectors(random, topics, count + queries)
    texts = list(_texts(random, count + queries))
    memories = [_memory(owner, number, text, seed) for number, text in enumerate(texts[:count])]
    return Data(memories, vectors[:count], texts[count:], vectors[count:])


def _vectors(
    random: np.random.Generator, topics: NDArray[np.float32], count: int
) -> NDArray[np.float32]:
    chosen = random.integers(TOPICS, size=count)
    mixture = random.standard_normal((count, 8)).astype(np.float32) * 0.5
    mixture[:, 0] = 1
    vectors = np.einsum("nk,nkd->nd", mixture, topics[chosen])
    vectors += random.standard_normal((count, DIMENSION)).astype(np.float32) * 0.7
    rows: NDArray[np.float32] = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    return rows


def _texts(random: np.random.Generator, count: int) -> Iterator[str]:
    """Yield sentences of 6 to 18 words, whose frequencies follow Zipf's law."""
    share = 1 / np.arange(10, WORDS + 10)
    lengths = random.integers(6, 19, size=count)
    words = random.choice(WORDS, size=int(lengths.sum()), p=share / share.sum())
    for part in np.split(words, np.cumsum(lengths)[:-1]):
        yield " ".join(_word(int(word)) for word in part)


def _word(number: int) -> str:
    syllables = ("ba", "ke", "li", "mo", "nu", "pa", "re", "si", "to", "vu")
    return "".join(syllables[int(digit)] for digit in f"{number:05}")


def _memory(owner: str, number: int, content: str, seed: int) -> Memory:
    created = START + timedelta(seconds=number)
    return Memory(
        id=str(UUID(int=(seed << 64) + number)),
        owner=owner,
        content=content,
        content_type="text",
        tier="long" if number % 10 else "medium",
        memory_nature="semantic" if number % 100 == 0 else None,
        importance_score=0.5,
        confidence_score=1.0,
        access_count=0,
        last_accessed_at=None,
        parent_memory_id=None,
        external_id=None,
        source_id=None,
        metadata={},
        pii_fields=(),
        integrity_hash=integrity_hash(content),
        created_at=created,
        updated_at=created,
        expires_at=None,
    )
