"""Many memories at once: invented texts, with vectors that lie as those of real texts do.

To embed a million texts would take an hour. So some thousand sentences are embedded, and every
memory's vector is a mixture of a few of theirs: vectors of a text model fill only some directions
of their space, and these do too. The words of the texts follow Zipf's law, as real ones do.
"""

from __future__ import annotations

import random
from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING
from uuid import UUID

import numpy as np

from memoryos_server.integrity import integrity_hash
from memoryos_server.records import Memory
from memoryos_server.stores.sqlite import memories, vectors
from memoryos_server.stores.sqlite.database import Database

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from numpy.typing import NDArray

    from memoryos_server.embedders import Embedder

__all__ = ["QUERIES", "fill", "mixtures", "sentences"]

OWNER = "default"
QUERIES = 50

_START = datetime(2026, 1, 1, tzinfo=timezone.utc)  # noqa: UP017 - mypy looks at it as Python 3.10
_SUBJECTS = [
    "The user",
    "Ada",
    "Her brother",
    "The team",
    "Grace",
    "A customer",
    "Their neighbour",
    "The doctor",
]
_VERBS = [
    "prefers",
    "bought",
    "asked about",
    "is planning",
    "forgot",
    "recommended",
    "cancelled",
    "started",
    "sold",
]
_OBJECTS = [
    "a bicycle",
    "green tea",
    "the quarterly report",
    "a trip to Lisbon",
    "piano lessons",
    "a vegan recipe",
    "the dentist appointment",
    "a rescue dog",
    "Rust and Python",
    "a mortgage",
    "the garden shed",
    "a marathon",
    "an allergy to nuts",
    "the wedding",
    "night shifts",
    "a refund",
    "old maps",
    "the school play",
    "two kayaks",
]
_ENDINGS = [
    "in spring",
    "because it was cheaper",
    "with the children",
    "for the third time",
    "after work",
    "before moving house",
    "on Sunday",
    "despite the rain",
    "without telling anyone",
    "as a surprise",
]
_VOCABULARY = 30_000
_WORDS = 9
_COMMON = ["the", "and", "a", "to", "of", "in", "is", "with", "for", "that", "was", "on"]
_POOL = 4000
_MIXED = 3
_AT_ONCE = 10_000


def sentences(count: int, seed: int) -> list[str]:
    """Return sentences that a model can embed."""
    chance = random.Random(seed)
    parts = (_SUBJECTS, _VERBS, _OBJECTS, _ENDINGS)
    return [" ".join(chance.choice(part) for part in parts) for _ in range(count)]


def mixtures(pool: NDArray[np.float32], count: int, seed: int) -> Iterator[NDArray[np.float32]]:
    """Yield batches of unit vectors, each a mixture of a few of `pool`; `count` in all."""
    chance = np.random.default_rng(seed)
    spread = 0.3 * pool.std(axis=0)
    for start in range(0, count, _AT_ONCE):
        size = min(_AT_ONCE, count - start)
        shares = chance.dirichlet(np.ones(_MIXED), size).astype(np.float32)
        chosen = pool[chance.integers(len(pool), size=(size, _MIXED))]
        rows = np.einsum("nk,nkd->nd", shares, chosen)
        rows += chance.standard_normal(rows.shape, dtype=np.float32) * spread
        yield rows / np.linalg.norm(rows, axis=1, keepdims=True)


def fill(path: Path, count: int, embedder: Embedder, *, seed: int = 1) -> None:
    """Store `count` memories of one owner in a file, in one transaction.

    Half of them are lines of conversations of forty lines each.
    """
    pool = embedder.embed(sorted(set(sentences(_POOL, seed))))
    texts = _texts(count, seed)
    database = Database(path)
    with database.write() as connection:
        vectors.check_embedder(connection, embedder.name, claim=True)
        number = 0
        for rows in mixtures(pool, count, seed):
            for row in rows:
                memories.insert(connection, _memory(number, next(texts)), row.tobytes())
                number += 1
    database.close()


def _texts(count: int, seed: int) -> Iterator[str]:
    chance = np.random.default_rng(seed)
    words = np.array(_COMMON + [f"w{number:x}" for number in range(_VOCABULARY)])
    shares = 1 / np.arange(3, len(words) + 3)
    for _ in range(0, count, _AT_ONCE):
        drawn = chance.choice(words, size=(_AT_ONCE, _WORDS), p=shares / shares.sum())
        subjects = sentences(_AT_ONCE, int(chance.integers(2**31)))
        for sentence, extra in zip(subjects, drawn, strict=True):
            yield f"{sentence}, {' '.join(extra)}"


def _memory(number: int, text: str) -> Memory:
    is_line = number % 2 == 1
    at = _START + timedelta(seconds=number)
    content = f"{'User' if number % 4 == 1 else 'Assistant'}: {text}" if is_line else text
    return Memory(
        id=str(UUID(int=number)),
        owner=OWNER,
        content=content,
        content_type="conversation" if is_line else "text",
        tier="long" if number % 3 else "medium",
        memory_nature="episodic" if is_line else "semantic",
        importance_score=0.5,
        confidence_score=1.0,
        access_count=0,
        last_accessed_at=None,
        parent_memory_id=None,
        external_id=None,
        source_id=None,
        metadata={"session": f"s{number // 80}"} if is_line else {},
        pii_fields=(),
        integrity_hash=integrity_hash(content),
        created_at=at,
        updated_at=at,
        expires_at=None,
    )
