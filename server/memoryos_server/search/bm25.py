"""BM25: the rank of texts by the words of a query, with statistics of one owner's memories.

The statistics are those of the owner's unexpired memories. `stores/postgres/text_search.py` has the
same formula as SQL, with the same order of operations, so that both stores compute equal scores.
"""

from __future__ import annotations

import math
from typing import NamedTuple

__all__ = ["K1", "MIN_WEIGHT", "B", "TextStatistics", "score", "weight"]

K1, B = 1.2, 0.75
"""Parameters of BM25 in every store."""

MIN_WEIGHT = 1e-6
"""Weight of a word that at least half of the memories contain."""


class TextStatistics(NamedTuple):
    """Number of an owner's memories, and their average number of words."""

    memory_count: int
    average_length: float


def weight(document_frequency: int, memory_count: int) -> float:
    """Return the weight of a word by the number of memories that contain it."""
    if document_frequency * 2 >= memory_count:  # even more than all, where an index is damaged
        return MIN_WEIGHT
    return math.log((memory_count - document_frequency + 0.5) / (document_frequency + 0.5))


def score(word_weight: float, frequency: int, length: int, average_length: float) -> float:
    """Return how much a word adds to the score of a text.

    Args:
        word_weight: `weight` of the word.
        frequency: Number of times that the text contains it.
        length: Number of words of the text.
        average_length: Average of the owner's memories.
    """
    norm = K1 * (1 - B + B * length / average_length)
    return word_weight * frequency * (K1 + 1) / (frequency + norm)
