"""Highlights: the passages of a search result that match the query."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .combined_score import RankedMemory
    from .passages import PassageFinder

__all__ = ["MAX_HIGHLIGHTS", "highlights"]

MAX_HIGHLIGHTS = 3
"""Number of passages of a search result."""


def highlights(finder: PassageFinder, ranked: RankedMemory) -> list[str]:
    """Return passages of a memory's content, best first, each as it stands there.

    These are the best ones with words of the query. A memory that is similar without having any
    has its best passage by meaning.
    """
    passages = finder.passages(ranked.memory.content)
    found = list(islice(passages.excerpts(with_words=True), MAX_HIGHLIGHTS))
    if found or ranked.similarity <= 0:
        return found
    return list(islice(passages.excerpts(), 1))
