"""Finding memories by words, where there is no embedder; and what every finder does."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, Protocol

from memoryos_server.model.errors import validation_error
from memoryos_server.text.query_words import query_words

from .combined_score import Candidate, text_similarity

if TYPE_CHECKING:
    from collections.abc import Sequence

    from memoryos_server.model.records import Selection
    from memoryos_server.stores.protocol import Store

__all__ = ["LexicalRetriever", "Retriever", "SearchQuery"]


@dataclass(frozen=True, slots=True)
class SearchQuery:
    """What is looked for: a text, a vector of 1536 numbers, or both; the vector then counts."""

    text: str | None
    embedding: Sequence[float] | None = None


class Retriever(Protocol):
    """A way to find_matches memories."""

    search_type: Literal["semantic", "text"]

    def find_matches(self, selection: Selection, query: SearchQuery, count: int) -> list[Candidate]:
        """Return the memories that fit, best first."""

    def find_candidates(
        self, selection: Selection, query: SearchQuery, count: int
    ) -> list[Candidate]:
        """Return the same, filled up to `count` with memories that fit less or not at all."""


class LexicalRetriever:
    """Finds memories that hold words of the query.

    Args:
        store: where they are kept.
    """

    search_type: Literal["semantic", "text"] = "text"

    def __init__(self, store: Store) -> None:
        self._store = store

    def find_matches(self, selection: Selection, query: SearchQuery, count: int) -> list[Candidate]:
        """Return the memories with any word of the query, by BM25."""
        if query.text is None:
            raise validation_error(
                "body.embedding",
                "this server has no embedder and searches by words: give a query",
            )
        words = query_words(query.text)
        matching = self._store.matching(selection, words, count)
        similarities = [
            (number, text_similarity(matching_words, len(words)))
            for number, matching_words in matching
        ]
        return [Candidate(number, value, value) for number, value in similarities]

    def find_candidates(
        self, selection: Selection, query: SearchQuery, count: int
    ) -> list[Candidate]:
        """Return the memories with any word of the query, and then the newest others."""
        found = {item.number: item for item in self.find_matches(selection, query, count)}
        for number in self._store.newest(selection, count):
            found.setdefault(number, Candidate(number, 0.0, 0.0))
        return list(found.values())[:count]
