"""Which memories of a context fit its query well enough that using them is an access.

A context with room for everything has memories that have nothing to do with the query. If these
were accesses, one greeting would refresh a whole store.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .combined_score import RankedMemory
    from .query_matches import QueryMatcher

__all__ = ["FITTING_EVIDENCE", "FITTING_SIMILARITY", "FITTING_WORDS", "fitting"]

FITTING_SIMILARITY = 0.5
"""Similarity from which a memory may fit."""

FITTING_EVIDENCE = 0.5
"""Share of the best memory's evidence from which it does.

With both, 19 of 20 answers to questions about personal facts fit, and 2 to 5 memories a question.
Of a language that the embedder doesn't know, most memories would fit by similarity alone.
"""

FITTING_WORDS = 0.5
"""Share of the query's words from which a memory fits as well.

A part of a long memory may be about them; its vector is the mean of all parts.
"""

MAX_CHECKED_FOR_WORDS = 20
"""Number of memories, the best ones, whose words are compared."""


def fitting(results: Sequence[RankedMemory], matcher: QueryMatcher) -> list[RankedMemory]:
    """Return those of the memories ranked for a query that fit it.

    Args:
        results: The memories, best first.
        matcher: Finds the words of the query.
    """
    best = max((item.candidate.evidence for item in results), default=0.0)
    near: list[RankedMemory] = []
    others: list[RankedMemory] = []
    for item in results:
        is_near = item.candidate.evidence >= FITTING_EVIDENCE * best
        (near if is_near and item.similarity >= FITTING_SIMILARITY else others).append(item)
    checked = others[:MAX_CHECKED_FOR_WORDS]
    return near + [item for item in checked if _has_the_words(item.memory.content, matcher)]


def _has_the_words(content: str, matcher: QueryMatcher) -> bool:
    words = {match.word for match in matcher.matches(content)}
    return len(words) >= max(FITTING_WORDS * matcher.word_count, 1)
