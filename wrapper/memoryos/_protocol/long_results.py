"""Passages of long search results: which results need them, and how they are added."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, List, Mapping, Sequence

if TYPE_CHECKING:
    from memoryos.types import SearchResult

__all__ = ["HIGHLIGHT_ARGUMENTS", "LONG_CHARACTERS", "has_long", "with_highlights"]

LONG_CHARACTERS = 300
"""Length from which a result is shown with the passages that match the query."""

HIGHLIGHT_ARGUMENTS: Mapping[str, Any] = {"highlights": True, "explain": True}
"""Arguments of the second search, for the passages. `explain` keeps it from counting accesses."""


def has_long(results: Sequence[SearchResult]) -> bool:
    """Return whether a result is too long to be read at a glance."""
    return any(len(result["content"]) >= LONG_CHARACTERS for result in results)


def with_highlights(
    results: Sequence[SearchResult], found: Sequence[SearchResult]
) -> List[SearchResult]:
    """Return the results, the long ones with the highlights that a second search found."""
    highlights = {result["id"]: result.get("highlights") for result in found}
    return [_with_highlights(result, highlights) for result in results]


def _with_highlights(result: SearchResult, highlights: Mapping[str, Any]) -> SearchResult:
    passages = highlights.get(result["id"])
    if not passages or len(result["content"]) < LONG_CHARACTERS:
        return result
    return {**result, "highlights": passages}
