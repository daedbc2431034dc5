"""Interface between the retrievers and the store that they search."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    from numpy.typing import NDArray

    from memoryos_server.model.records import Memory, Selection

    from .feature_scores import AnalyzedQuery
    from .index.memory_index import Hits

__all__ = ["CandidateSource", "WordHit"]


class WordHit(NamedTuple):
    """A memory that contains words of a query.

    Attributes:
        number: its number.
        words: how many of the words it contains.
        score: its score by BM25.
    """

    number: int
    words: int
    score: float


class CandidateSource(Protocol):
    """A store of memories, as the retrievers use it.

    Searches return numbers of memories. A number never changes and is never reused.
    """

    def search(self, selection: Selection, query: AnalyzedQuery, count: int) -> Hits:
        """Return the selected memories with the highest feature scores.

        Includes every write that has returned, of any process.

        Args:
            selection: the memories to search.
            query: the analyzed query.
            count: the maximum number of hits.

        Returns:
            The hits, best first.
        """

    def match_words(self, selection: Selection, words: Sequence[str], count: int) -> list[WordHit]:
        """Return the selected memories that contain any of `words`.

        Args:
            selection: the memories to search.
            words: words of `words_in`; query syntax in them has no effect.
            count: the maximum number of memories.

        Returns:
            The hits, best first.
        """

    def newest_numbers(self, selection: Selection, count: int) -> list[int]:
        """Return the numbers of at most `count` selected memories, newest first."""

    def memories_without_vectors(self, owner: str, count: int) -> list[Memory]:
        """Return at most `count` memories of an owner that have no vector."""

    def add_vectors(self, embedded: Sequence[tuple[Memory, NDArray[np.float32]]]) -> None:
        """Store vectors for memories that have none and whose content has not changed.

        A store that can only be read keeps them in memory.
        """
