"""Combined score: the order of results.

    total = evidence + 0.3 · relevance + 0.2 · importance
    combined_score = total / (total + 4)

`evidence` is how much the ranking features say for a memory; see `features`. Relevance and
importance together add as much as lets two memories count as near-equal: they decide among these,
and never put a memory before one that fits clearly better. The second line brings the total into
the range of a score, 0 to 1, without changing the order.
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
    "ATTRIBUTE_WEIGHTS",
    "HALF_SCORE",
    "Candidate",
    "RankedMemory",
    "ScoredCandidate",
    "combined_score",
    "rank",
    "text_similarity",
]

ATTRIBUTE_WEIGHTS = {"relevance": 0.3, "importance": 0.2}
"""What relevance and importance, each 0 to 1, add to the evidence at most."""

HALF_SCORE = 4.0
"""The total whose combined score is one half."""

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
    """A retrieved memory.

    Attributes:
        number: Its number.
        similarity: Its similarity to the query, 0 to 1.
        evidence: What the features say for it, 0 or more.
        features: Its ranking features, or () if it was found by words alone.
        weights: Their weights.
    """

    number: int
    similarity: float
    evidence: float
    features: Sequence[float] = ()
    weights: Sequence[float] = ()


_NO_CANDIDATE = Candidate(0, 0.0, 0.0)


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
        candidate: What it was retrieved as.
        update: What an update of it, or of which it is one, has added to its score.
        replaced_by: The memory that updates it, or None.
    """

    memory: Memory
    similarity: float
    relevance: float
    score: float
    passages: str | None = None
    candidate: Candidate = _NO_CANDIDATE
    update: float = 0.0
    replaced_by: Memory | None = None

    @property
    def content(self) -> str:
        """The content of the memory, or its passages."""
        return self.memory.content if self.passages is None else self.passages


def combined_score(evidence: float, relevance: float, importance: float) -> float:
    """Return the combined score, 0 to 1, which rises with each of the three."""
    total = (
        max(evidence, 0.0)
        + ATTRIBUTE_WEIGHTS["relevance"] * relevance
        + ATTRIBUTE_WEIGHTS["importance"] * importance
    )
    return total / (total + HALF_SCORE)


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
    score = combined_score(item.evidence, fresh, attributes.importance_score)
    return ScoredCandidate(item, fresh, score)
