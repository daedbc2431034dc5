"""Many synthetic memories, with vectors distributed like those of real texts.

Embedding a million texts takes hours. Instead, some thousand sentences are embedded, and every
memory's vector is a mixture of a few of theirs, because a text model's vectors occupy only some
directions of their space. The words of the texts follow Zipf's law.
"""

from __future__ import annotations

import random
from contextlib import closing
from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING
from uuid import UUID

import numpy as np

from memoryos_server.model.integrity import integrity_hash
from memoryos_server.model.records import Memory
from memoryos_server.search.text_analysis import analyze_memory
from memoryos_server.stores.sqlite import vectors
from memoryos_server.stores.sqlite.database import Database
from memoryos_server.stores.sqlite.memory_rows import MEMORY_ROWS

if TYPE_CHECKING:
    import sqlite3
    from pathlib import Path

    from numpy.typing import NDArray

    from memoryos_server.embedders import Embedder

__all__ = ["OWNER", "POOL", "extend", "mixtures", "pool", "sentences", "texts"]

OWNER = "default"
POOL = 2500
"""How many sentences are embedded."""

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
_MIXED = 3
_AT_ONCE = 10_000
_SEED = 1

_INSERT_MEMORY = (
    f"INSERT INTO memories (number, {MEMORY_ROWS.column_list}) "
    f"VALUES (?{', ?' * len(MEMORY_ROWS.names)})"
)
_INSERT_VECTOR = "INSERT INTO vectors (owner, number, vector, cues) VALUES (?, ?, ?, ?)"


def sentences(count: int, seed: int) -> list[str]:
    """Return sentences for the model to embed."""
    chance = random.Random(seed)
    parts = (_SUBJECTS, _VERBS, _OBJECTS, _ENDINGS)
    return [" ".join(chance.choice(part) for part in parts) for _ in range(count)]


def pool(embedder: Embedder, count: int = POOL) -> NDArray[np.float32]:
    """Return the vectors of about `count` sentences."""
    return embedder.embed(sorted(set(sentences(count, _SEED))))


def mixtures(
    vectors: NDArray[np.float32], count: int, chance: np.random.Generator
) -> NDArray[np.float32]:
    """Return `count` unit vectors, each a mixture of a few of `vectors`, and a little noise."""
    spread = 0.3 * vectors.std(axis=0)
    shares = chance.dirichlet(np.ones(_MIXED), count).astype(np.float32)
    chosen = vectors[chance.integers(len(vectors), size=(count, _MIXED))]
    rows: NDArray[np.float32] = np.einsum("nk,nkd->nd", shares, chosen)
    rows += chance.standard_normal(rows.shape, dtype=np.float32) * spread
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    return rows


def texts(count: int, chance: np.random.Generator) -> list[str]:
    """Return texts of a sentence and of words, few of them common and most of them rare."""
    words = np.array(_COMMON + [f"w{number:x}" for number in range(_VOCABULARY)])
    shares = 1 / np.arange(3, len(words) + 3)
    drawn = chance.choice(words, size=(count, _WORDS), p=shares / shares.sum())
    begun = sentences(count, int(chance.integers(2**31)))
    return [f"{text}, {' '.join(extra)}" for text, extra in zip(begun, drawn, strict=True)]


def extend(
    path: Path,
    start: int,
    stop: int,
    vectors_of_sentences: NDArray[np.float32],
    embedder: str,
) -> None:
    """Store the memories of one owner from number `start` up to `stop`, in one transaction.

    Every other memory is a line of a conversation of forty lines.

    Memories depend on their numbers alone, so that a file that grows equals one written at once.
    """
    with closing(Database(path)) as database, database.write() as connection:
        vectors.check_embedder(connection, embedder, writes=True)
        for batch in range(start // _AT_ONCE, -(-stop // _AT_ONCE)):
            first = batch * _AT_ONCE
            wanted = slice(max(start - first, 0), min(stop - first, _AT_ONCE))
            chance = np.random.default_rng((_SEED, batch))
            rows = mixtures(vectors_of_sentences, _AT_ONCE, chance)
            made = [_memory(first + n, text) for n, text in enumerate(texts(_AT_ONCE, chance))]
            _insert(connection, first + wanted.start, made[wanted], rows[wanted])


def _insert(
    connection: sqlite3.Connection,
    first: int,
    made: list[Memory],
    rows: NDArray[np.float32],
) -> None:
    connection.executemany(
        _INSERT_MEMORY,
        [(first + n + 1, *MEMORY_ROWS.to_row(memory)) for n, memory in enumerate(made)],
    )
    connection.executemany(
        _INSERT_VECTOR,
        [
            (memory.owner, first + n + 1, rows[n].tobytes(), analyze_memory(memory))
            for n, memory in enumerate(made)
        ],
    )


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
