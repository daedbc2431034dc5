"""Whether a memory fits a query well enough that handing it out is an access.

A search without a threshold and a context with room for everything hand out memories that have
nothing to do with the query. If these were accesses, one greeting would refresh a whole store.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .combined_score import RankedMemory

__all__ = ["FITTING_SIMILARITY", "fits_query"]

FITTING_SIMILARITY = 0.35
"""Similarity from which a memory fits: half of that which separates related from unrelated ones."""


def fits_query(ranked: RankedMemory) -> bool:
    """Return whether a memory fits the query that it was ranked for."""
    return ranked.similarity >= FITTING_SIMILARITY
