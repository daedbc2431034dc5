"""Whether a memory fits a query well enough that handing it out is an access.

A search without a threshold and a context with room for everything hand out memories that have
nothing to do with the query. If these were accesses, one greeting would refresh a whole store.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .combined_score import RankedMemory
    from .query_matches import QueryMatcher

__all__ = ["FITTING_SIMILARITY", "FITTING_WORDS", "fits_query"]

FITTING_SIMILARITY = 0.5
"""Similarity from which a memory fits.

With the built-in embedder, 49 in 50 answers to questions about personal facts have it, and at most
1 in 20 memories for a greeting.
"""

FITTING_WORDS = 0.5
"""Share of the query's words from which a long memory fits, of which a part may be about them."""

_LONG_CHARACTERS = 400


def fits_query(ranked: RankedMemory, matcher: QueryMatcher) -> bool:
    """Return whether a memory fits the query that it was ranked for.

    Args:
        ranked: The memory.
        matcher: Finds the words of the query.
    """
    if ranked.similarity >= FITTING_SIMILARITY:
        return True
    content = ranked.memory.content
    if len(content) < _LONG_CHARACTERS or not matcher.word_count:
        return False
    words = {match.word for match in matcher.matches(content)}
    return len(words) >= FITTING_WORDS * matcher.word_count
