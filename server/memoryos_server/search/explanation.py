"""Explanation of a combined score: the parts that it is the sum of.

`relevance` and `importance` are these scores times their weights. The rest is the match: without an
embedder the query's words alone (`words`), otherwise shared among the ranking features in
proportion to what each adds to the feature score. Features that count against a memory have no
share. `update` is what moved a memory because it replaces another one, or is replaced.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from .combined_score import COMBINED_SCORE_WEIGHTS, SCORE_DECIMALS
from .features import FEATURE_WEIGHTS, FEATURES

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .combined_score import RankedMemory

__all__ = ["ScorePart", "explanation"]


class ScorePart(NamedTuple):
    """A part of a combined score: its name, what it adds, and the value and weight if it has them.

    The weight is that of the value within the match score or, of relevance and importance, within
    the combined score.
    """

    name: str
    share: float
    value: float | None = None
    weight: float | None = None


def explanation(ranked: RankedMemory) -> list[ScorePart]:
    """Return the parts of a memory's combined score; the sum of their shares is that score."""
    parts = [
        *_match_parts(ranked),
        _weighted("relevance", ranked.relevance),
        _weighted("importance", ranked.memory.importance_score),
    ]
    moved = ranked.score - sum(part.share for part in parts)
    if abs(moved) > 10**-SCORE_DECIMALS:  # otherwise it was only rounded
        parts.append(ScorePart("update", moved))
    rounded = [part._replace(share=round(part.share, SCORE_DECIMALS)) for part in parts]
    largest = max(range(len(parts)), key=lambda number: rounded[number].share)
    rest = ranked.score - sum(part.share for part in rounded)
    share = round(rounded[largest].share + rest, SCORE_DECIMALS)
    rounded[largest] = rounded[largest]._replace(share=share)
    return rounded


def _weighted(name: str, value: float) -> ScorePart:
    weight = COMBINED_SCORE_WEIGHTS[name]
    return ScorePart(name, weight * value, round(value, SCORE_DECIMALS), weight)


def _match_parts(ranked: RankedMemory) -> Iterator[ScorePart]:
    """Yield the features with their shares in the match part of a score."""
    match = COMBINED_SCORE_WEIGHTS["match"] * ranked.match
    if not ranked.features:
        yield ScorePart("words", match)
        return
    columns = list(zip(FEATURES, ranked.features, FEATURE_WEIGHTS, strict=True))
    added = [max(weight * value, 0.0) for _, value, weight in columns]
    total = sum(added)
    if not total:  # then the match is the first feature's, which is compared with all memories
        added, total = [1.0, *[0.0] * (len(added) - 1)], 1.0
    for (name, value, weight), part in zip(columns, added, strict=True):
        yield ScorePart(name, match * part / total, round(value, SCORE_DECIMALS), weight)
