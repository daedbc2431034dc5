"""Explanation of a combined score: the parts that it is the sum of.

Each ranking feature, the relevance and the importance have the share of the score that their value
times their weight has of the total; see `combined_score`. Without an embedder the query's words
alone are compared (`words`). `update` is what moved a memory because it replaces another one, or is
replaced.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from .combined_score import ATTRIBUTE_WEIGHTS, SCORE_DECIMALS, combined_score
from .features import FEATURES

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .combined_score import Candidate, RankedMemory

__all__ = ["ScorePart", "explanation"]


_ROUNDING = 1.5 * 10**-SCORE_DECIMALS


class ScorePart(NamedTuple):
    """A part of a combined score: its name, what it adds, and its value and weight if known."""

    name: str
    share: float
    value: float | None = None
    weight: float | None = None


def explanation(ranked: RankedMemory) -> list[ScorePart]:
    """Return the parts of a memory's combined score; the sum of their shares is that score."""
    importance = ranked.memory.importance_score
    score = combined_score(ranked.candidate.evidence, ranked.relevance, importance)
    parts = [*_evidence_parts(ranked.candidate), *_attribute_parts(ranked)]
    total = sum(part.share for part in parts)
    scale = score / total if total else 0.0
    shares = [round(part.share * scale, SCORE_DECIMALS) for part in parts]
    moved = round(ranked.score - score, SCORE_DECIMALS)
    if abs(moved) > _ROUNDING:
        parts.append(ScorePart("update", moved))
        shares.append(moved)
    largest = max(range(len(parts)), key=shares.__getitem__)
    shares[largest] = round(shares[largest] + ranked.score - sum(shares), SCORE_DECIMALS)
    return [part._replace(share=share) for part, share in zip(parts, shares, strict=True)]


def _evidence_parts(candidate: Candidate) -> Iterator[ScorePart]:
    """Yield the features that count, each with what it adds to the evidence."""
    if not candidate.features:
        yield ScorePart("words", candidate.evidence)
    columns = zip(FEATURES, candidate.features, candidate.weights, strict=False)
    for name, value, weight in columns:
        if weight:
            yield ScorePart(name, weight * value, round(value, SCORE_DECIMALS), weight)


def _attribute_parts(ranked: RankedMemory) -> Iterator[ScorePart]:
    values = {"relevance": ranked.relevance, "importance": ranked.memory.importance_score}
    for name, value in values.items():
        weight = ATTRIBUTE_WEIGHTS[name]
        yield ScorePart(name, weight * value, round(value, SCORE_DECIMALS), weight)
