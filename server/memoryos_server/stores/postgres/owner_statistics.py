"""What is typical of an owner's memories, where a search looks at some of many only.

It is counted and estimated by an even sample, now and then: to look at all of a million takes
longer than to search them, and it changes little from one search to the next. Of as few as a sample
has, everything is exact, and nothing is kept.
"""

from __future__ import annotations

import math
import threading
from collections import OrderedDict
from datetime import timedelta
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from memoryos_server.search.feature_scores import CosinePrior
from memoryos_server.search.terms import TERM_BYTES, split_lengths

from . import number_arrays

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from numpy.typing import NDArray
    from psycopg import Connection

__all__ = ["SAMPLE_SIZE", "KnownOwners", "OwnerStatistics"]

SAMPLE_SIZE = 4000
"""Number of memories of a sample; with it the deviation of cosines is a hundredth off."""

_KEPT_FOR = timedelta(minutes=10)
_MAX_OWNERS = 32
_VECTOR_HEADER_BYTES = 4

_NUMBERS = "SELECT number FROM memoryos.vectors WHERE owner = %s"
_SAMPLE = """
  SELECT string_agg(vector_send(vector), ''), string_agg(int4send(length(terms)), ''),
    string_agg(terms, ''), bool_or(thread <> 0)
  FROM memoryos.vectors
  WHERE owner = %s AND number = ANY(%s::bigint[]) AND (expires_at IS NULL OR expires_at > %s)
"""


class OwnerStatistics(NamedTuple):
    """What is typical of an owner's memories.

    Attributes:
        memory_count: Number of memories with a vector, which have not expired.
        sampled: Number of memories in the sample.
        average_length: Words of a memory.
        mean: Mean of the vectors.
        covariance: Covariance of their elements.
        terms: The terms of the sampled memories, ascending.
        held: Number of sampled memories that have each term.
        has_conversations: Whether any of them is a message of a conversation.
    """

    memory_count: int
    sampled: int
    average_length: float
    mean: NDArray[np.float64]
    covariance: NDArray[np.float64]
    terms: NDArray[np.uint32]
    held: NDArray[np.int64]
    has_conversations: bool

    def cosines(self, query: NDArray[np.float32]) -> CosinePrior:
        """Return the mean and the standard deviation of the cosines of a query and the vectors."""
        variance = float(query @ self.covariance @ query)
        return CosinePrior(float(query @ self.mean), max(variance, 0.0) ** 0.5)

    def frequencies(self, terms: Iterable[int]) -> dict[int, int]:
        """Return about how many of the memories have each of the terms."""
        asked = np.array(sorted(set(terms)), np.uint32)
        if not len(self.terms):
            return dict.fromkeys(asked.tolist(), 0)
        places = np.minimum(np.searchsorted(self.terms, asked), len(self.terms) - 1)
        held = np.where(self.terms[places] == asked, self.held[places], 0)
        estimated = np.rint(held * (self.memory_count / max(self.sampled, 1))).astype(np.int64)
        return dict(zip(asked.tolist(), estimated.tolist(), strict=True))


class KnownOwners:
    """The statistics that one process has. Thread-safe."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._known: OrderedDict[str, tuple[datetime, OwnerStatistics]] = OrderedDict()

    def statistics(
        self, connection: Connection[tuple[Any, ...]], owner: str, now: datetime
    ) -> OwnerStatistics:
        """Return what is typical of an owner's memories.

        Args:
            connection: To the database.
            owner: Whose memories.
            now: The current time.
        """
        with self._lock:
            made, statistics = self._known.get(owner, (None, None))
        if made is not None and statistics is not None and abs(now - made) < _KEPT_FOR:
            return statistics
        statistics = _read(connection, owner, now)
        if statistics.memory_count > SAMPLE_SIZE:
            with self._lock:
                self._known[owner] = now, statistics
                self._known.move_to_end(owner)
                while len(self._known) > _MAX_OWNERS:
                    self._known.popitem(last=False)
        return statistics


def _read(connection: Connection[tuple[Any, ...]], owner: str, now: datetime) -> OwnerStatistics:
    numbers = np.sort(number_arrays.read(number_arrays.ask(connection, _NUMBERS, (owner,))))
    chosen = numbers[:: max(math.ceil(len(numbers) / SAMPLE_SIZE), 1)]
    found = connection.execute(_SAMPLE, (owner, chosen.tolist(), now), binary=True).fetchone()
    vectors, sizes, terms, has_conversations = found or (None, None, None, None)
    counts = np.frombuffer(sizes or b"", ">i4") // TERM_BYTES
    lengths, joined = split_lengths(np.frombuffer(terms or b"", "<u4"), counts)
    known, held = np.unique(joined, return_counts=True)
    matrix = _matrix(vectors or b"", len(counts))
    sampled = max(len(counts), 1)
    mean = matrix.sum(axis=0) / sampled
    centered = matrix - mean
    return OwnerStatistics(
        memory_count=round(len(numbers) * len(counts) / max(len(chosen), 1)),
        sampled=len(counts),
        average_length=float(lengths.sum()) / sampled,
        mean=mean,
        covariance=centered.T @ centered / sampled,
        terms=known,
        held=held,
        has_conversations=bool(has_conversations),
    )


def _matrix(vectors: bytes, rows: int) -> NDArray[np.float64]:
    """Return vectors in PostgreSQL's binary form as the rows of a matrix."""
    size = len(vectors) // max(rows, 1)
    raw = np.frombuffer(vectors, np.uint8).reshape(rows, size)[:, _VECTOR_HEADER_BYTES:]
    return np.ascontiguousarray(raw).view(">f4").astype(np.float64)
