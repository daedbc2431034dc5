"""Combined score: the order of results.

    combined_score = 0.75 · match + 0.15 · relevance + 0.10 · importance

`match` (0 to 1) is how well a memory matches the query; `features.match_scores` computes it. It
dominates: clearly better matches come first, and relevance and importance decide among similar
ones.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple, Protocol

from .decay import relevance

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
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
"""Weight of each score in `combined_score`; their sum is 1."""

SCORE_DECIMALS = 4
"""Number of decimals of the scores in responses."""


class Rankable(Protocol):
    """The attributes that the combined score depends on, as in `RankingAttributes`."""

    @property
    def tier(self) -> str:
        """The tier, which determines the decay rate."""

    @property
    def importance_score(self) -> float:
        """Importance, 0 to 1."""

    @property
    def refreshed_at(self) -> datetime:
        """The time from which relevance decays."""


class Candidate(NamedTuple):
    """A retrieved memory: its number, similarity and match score, each 0 to 1.

    `features` are its ranking features, or () if it was found by words alone.
    """

    number: int
    similarity: float
    match: float
    features: Sequence[float] = ()


class ScoredCandidate(NamedTuple):
    """A candidate with its relevance and its combined score, each 0 to 1.

    The combined score is not rounded, so that small differences affect the order.
    """

    candidate: Candidate
    relevance: float
    score: float


@dataclass(frozen=True, slots=True)
class RankedMemory:
    """A memory with its rounded scores, each 0 to 1.

    Attributes:
        memory: The memory.
        similarity: Its similarity to the query.
        relevance: Its relevance.
        score: Its combined score.
        passages: The parts of its content that a context has room for, or None for all of it.
        match: Its match score, not rounded.
        features: Its ranking features, or () if it was found by words alone.
        update: What an update of it, or of which it is one, has added to its score.
        replaced_by: The memory that updates it, or None.
    """

    memory: Memory
    similarity: float
    relevance: float
    score: float
    passages: str | None = None
    match: float = 0.0
    features: Sequence[float] = ()
    update: float = 0.0
    replaced_by: Memory | None = None

    @property
    def content(self) -> str:
        """The content of the memory, or its passages."""
        return self.memory.content if self.passages is None else self.passages


def combined_score(match: float, relevance: float, importance: float) -> float:
    """Return the weighted mean of the three scores, each 0 to 1."""
    return (
        COMBINED_SCORE_WEIGHTS["match"] * match
        + COMBINED_SCORE_WEIGHTS["relevance"] * relevance
        + COMBINED_SCORE_WEIGHTS["importance"] * importance
    )


def rank(candidates: Iterable[tuple[Candidate, Rankable]], now: datetime) -> list[ScoredCandidate]:
    """Return the candidates by combined score, best first.

    Args:
        candidates: Candidates and their attributes. Equal scores keep this order.
        now: Time for which to compute the relevance.
    """
    scored = [_score(item, attributes, now) for item, attributes in candidates]
    return sorted(scored, key=lambda item: item.score, reverse=True)


def text_similarity(matching_words: int, query_words: int) -> float:
    """Return the similarity, 0 to 1, of a memory that contains some of the query's words.

    It is the square root of their share: 0.71 for half of the words, just above the API's default
    threshold of 0.7; 0.58 for a third; 1 for all.
    """
    return round(math.sqrt(matching_words / query_words), SCORE_DECIMALS) if query_words else 0.0


def _score(item: Candidate, attributes: Rankable, now: datetime) -> ScoredCandidate:
    fresh = relevance(attributes.tier, attributes.refreshed_at, now)
    score = combined_score(item.match, fresh, attributes.importance_score)
    return ScoredCandidate(item, fresh, score)
