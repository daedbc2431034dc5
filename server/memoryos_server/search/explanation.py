"""Explanation of a combined score: the parts that it is the sum of.

Each ranking feature, the relevance and the importance have the share of the score that their value
times their weight has of the total; see `combined_score`. Without an embedder the query's words
alone are compared (`words`). `update` is what an update of the memory, or of which it is one, has
added.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from .combined_score import ATTRIBUTE_WEIGHTS, SCORE_DECIMALS
from .features import FEATURES

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .combined_score import Candidate, RankedMemory

__all__ = ["ScorePart", "explanation"]


class ScorePart(NamedTuple):
    """A part of a combined score: its name, what it adds, and its value and weight if known."""

    name: str
    share: float
    value: float | None = None
    weight: float | None = None


def explanation(ranked: RankedMemory) -> list[ScorePart]:
    """Return the parts of a memory's combined score; the sum of their shares is that score."""
    parts = [*_evidence_parts(ranked.candidate), *_attribute_parts(ranked)]
    total = sum(part.share for part in parts)
    scale = (ranked.score - ranked.update) / total if total else 0.0
    shares = [round(part.share * scale, SCORE_DECIMALS) for part in parts]
    if ranked.update:
        parts.append(ScorePart("update", ranked.update))
        shares.append(round(ranked.update, SCORE_DECIMALS))
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
