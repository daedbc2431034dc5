"""Finding memories by words, where there is no embedder; and what every finder does."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, Protocol

from memoryos_server.model.errors import validation_error
from memoryos_server.text.query_words import query_words

from .combined_score import Found, text_similarity

if TYPE_CHECKING:
    from collections.abc import Sequence

    from memoryos_server.model.records import Selection
    from memoryos_server.stores.protocol import Store

__all__ = ["Finder", "Question", "TextFinder"]


@dataclass(frozen=True, slots=True)
class Question:
    """What is looked for: a text, a vector of 1536 numbers, or both; the vector then counts."""

    query: str | None
    embedding: Sequence[float] | None = None


class Finder(Protocol):
    """A way to find memories."""

    search_type: Literal["semantic", "text"]

    def find(self, selection: Selection, question: Question, count: int) -> list[Found]:
        """Return the memories that fit, best first."""

    def candidates(self, selection: Selection, question: Question, count: int) -> list[Found]:
        """Return the same, filled up to `count` with memories that fit less or not at all."""


class TextFinder:
    """Finds memories that hold words of the query.

    Args:
        store: where they are kept.
    """

    search_type: Literal["semantic", "text"] = "text"

    def __init__(self, store: Store) -> None:
        self._store = store

    def find(self, selection: Selection, question: Question, count: int) -> list[Found]:
        """Return the memories with any word of the query, by BM25."""
        if question.query is None:
            raise validation_error(
                "body.embedding",
                "this server has no embedder and searches by words: give a query",
            )
        words = query_words(question.query)
        matching = self._store.matching(selection, words, count)
        similarities = [(number, text_similarity(held, len(words))) for number, held in matching]
        return [Found(number, value, value) for number, value in similarities]

    def candidates(self, selection: Selection, question: Question, count: int) -> list[Found]:
        """Return the memories with any word of the query, and then the newest others."""
        found = {item.number: item for item in self.find(selection, question, count)}
        for number in self._store.newest(selection, count):
            found.setdefault(number, Found(number, 0.0, 0.0))
        return list(found.values())[:count]
