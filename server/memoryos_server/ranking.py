"""The order of results: what the scores are, and how they are weighed.

    combined_score = 0.75 · similarity + 0.15 · relevance + 0.10 · importance

Similarity dominates: the other two together can make up for a quarter of the scale. So what fits
clearly better comes first, and among what fits alike, what is fresh or important.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from .relevance import relevance

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from .records import Memory

__all__ = ["WEIGHTS", "Ranked", "combined_score", "rank", "text_similarity"]

WEIGHTS = {"similarity": 0.75, "relevance": 0.15, "importance": 0.10}
"""What each score counts in `combined_score`; they add up to 1."""

DIGITS = 4
"""Decimals of every score that is handed out."""


@dataclass(frozen=True, slots=True)
class Ranked:
    """A memory with the scores that it was ranked by, each 0 to 1."""

    memory: Memory
    similarity: float
    relevance: float
    score: float


def combined_score(similarity: float, relevance: float, importance: float) -> float:
    """Return the weighted mean of the three scores, each 0 to 1."""
    score = (
        WEIGHTS["similarity"] * similarity
        + WEIGHTS["relevance"] * relevance
        + WEIGHTS["importance"] * importance
    )
    return round(score, DIGITS)


def rank(found: Iterable[tuple[Memory, float]], now: datetime) -> list[Ranked]:
    """Return the memories by their combined score, best first.

    Args:
        found: memories with their similarity, 0 to 1. Where scores are equal, this order stays.
        now: the time to take the relevance at.
    """
    ranked = [_score(memory, similarity, now) for memory, similarity in found]
    return sorted(ranked, key=lambda item: item.score, reverse=True)


def text_similarity(found: int, asked: int) -> float:
    """Return the similarity, 0 to 1, of a memory that holds `found` of the `asked` words.

    The square root of the share: half of the words make 0.71, just above the API's default
    threshold of 0.7, a third 0.58, all of them 1.
    """
    return round(math.sqrt(found / asked), DIGITS) if asked else 0.0


def _score(memory: Memory, similarity: float, now: datetime) -> Ranked:
    fresh = relevance(memory.tier, memory.refreshed_at, now)
    score = combined_score(similarity, fresh, memory.importance_score)
    return Ranked(memory, similarity, fresh, score)
