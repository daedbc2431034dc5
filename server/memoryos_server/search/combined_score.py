"""The order of results: what the scores are, and how they are weighed.

    combined_score = 0.75 · fit + 0.15 · relevance + 0.10 · importance

`fit` says how well a memory fits the query, 0 to 1: `evidence.py` says how. Fit dominates: the
other two together can make up for a quarter of the scale. So what fits clearly better comes first,
and among what fits alike, what is fresh or important.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple, Protocol

from .decay import relevance

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from memoryos_server.model.records import Memory

__all__ = [
    "COMBINED_SCORE_WEIGHTS",
    "Candidate",
    "RankedMemory",
    "ScoredCandidate",
    "combined_score",
    "rank",
    "text_similarity",
]

COMBINED_SCORE_WEIGHTS = {"match": 0.75, "relevance": 0.15, "importance": 0.10}
"""What each score counts in `combined_score`; they add up to 1."""

SCORE_DECIMALS = 4
"""Decimals of every score that is handed out."""


class Rankable(Protocol):
    """What of a memory decides its place; `Memory` and `RankingAttributes` have it."""

    @property
    def tier(self) -> str:
        """How fast its relevance decays."""

    @property
    def importance_score(self) -> float:
        """0 to 1."""

    @property
    def refreshed_at(self) -> datetime:
        """The time that its relevance falls from."""


class Candidate(NamedTuple):
    """A memory by its number, with how similar it is to the query and how well it fits, 0 to 1."""

    number: int
    similarity: float
    match: float


class ScoredCandidate(NamedTuple):
    """A memory by its number, with the scores that it was ranked by, each 0 to 1.

    The score is not rounded: what fits a little better shall come first.
    """

    number: int
    similarity: float
    relevance: float
    score: float


@dataclass(frozen=True, slots=True)
class RankedMemory:
    """A memory with the scores that it was ranked by, each 0 to 1, as they are handed out."""

    memory: Memory
    similarity: float
    relevance: float
    score: float


def combined_score(match: float, relevance: float, importance: float) -> float:
    """Return the weighted mean of the three scores, each 0 to 1."""
    return (
        COMBINED_SCORE_WEIGHTS["match"] * match
        + COMBINED_SCORE_WEIGHTS["relevance"] * relevance
        + COMBINED_SCORE_WEIGHTS["importance"] * importance
    )


def rank(found: Iterable[tuple[Candidate, Rankable]], now: datetime) -> list[ScoredCandidate]:
    """Return the memories by their combined score, best first.

    Args:
        found: memories, and how they stand. Where scores are equal, this order stays.
        now: the time to take the relevance at.
    """
    scored = [_score(item, standing, now) for item, standing in found]
    return sorted(scored, key=lambda item: item.score, reverse=True)


def text_similarity(found: int, asked: int) -> float:
    """Return the similarity, 0 to 1, of a memory that holds `found` of the `asked` words.

    The square root of the share: half of the words make 0.71, just above the API's default
    threshold of 0.7, a third 0.58, all of them 1.
    """
    return round(math.sqrt(found / asked), SCORE_DECIMALS) if asked else 0.0


def _score(item: Candidate, standing: Rankable, now: datetime) -> ScoredCandidate:
    fresh = relevance(standing.tier, standing.refreshed_at, now)
    score = combined_score(item.match, fresh, standing.importance_score)
    return ScoredCandidate(item.number, item.similarity, fresh, score)
