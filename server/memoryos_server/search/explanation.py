"""Explanation of a combined score: the parts that it is the sum of.

`relevance` and `importance` are these scores times their weights. The rest is the match: without an
embedder the query's words alone (`words`), otherwise shared among the ranking features in
proportion to what each adds to the feature score. Features that count against a memory have no
share. `update` is what an update of the memory, or of which it is one, has added.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from .combined_score import COMBINED_SCORE_WEIGHTS, SCORE_DECIMALS
from .features import FEATURE_WEIGHTS, FEATURES

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .combined_score import RankedMemory

__all__ = ["explanation"]


def explanation(ranked: RankedMemory) -> dict[str, float]:
    """Return the parts of a memory's combined score by name; the sum is the rounded score."""
    parts = {
        **_shares(COMBINED_SCORE_WEIGHTS["match"] * ranked.match, ranked.features),
        "relevance": COMBINED_SCORE_WEIGHTS["relevance"] * ranked.relevance,
        "importance": COMBINED_SCORE_WEIGHTS["importance"] * ranked.memory.importance_score,
    }
    if ranked.update:
        parts["update"] = ranked.update
    rounded = {name: round(part, SCORE_DECIMALS) for name, part in parts.items()}
    largest = max(rounded, key=rounded.__getitem__)
    rest = ranked.score - sum(rounded.values())
    return {**rounded, largest: round(rounded[largest] + rest, SCORE_DECIMALS)}


def _shares(match: float, features: Sequence[float]) -> dict[str, float]:
    """Return the shares of the features in the match part of a score."""
    if not features:
        return {"words": match}
    weighted = [
        max(weight * value, 0.0) for weight, value in zip(FEATURE_WEIGHTS, features, strict=True)
    ]
    total = sum(weighted)
    if not total:
        return {**dict.fromkeys(FEATURES, 0.0), "cosine": match}
    return {name: match * part / total for name, part in zip(FEATURES, weighted, strict=True)}
