"""Lexical retrieval, used without an embedder, and the interface of retrievers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, Protocol

from memoryos_server.model.errors import validation_error
from memoryos_server.model.phases import CANDIDATES
from memoryos_server.text.query_words import query_words

from .combined_score import Candidate, text_similarity

if TYPE_CHECKING:
    from collections.abc import Sequence

    from memoryos_server.model.records import Selection

    from .protocols import CandidateSource

__all__ = ["LexicalRetriever", "Retriever", "SearchQuery"]


EVIDENCE = 8.0
"""Evidence for the memory with the highest score by BM25."""


@dataclass(frozen=True, slots=True)
class SearchQuery:
    """A text, an embedding of 1536 numbers, or both; the embedding takes precedence.

    Attributes:
        text: The question, without what was pasted with it.
        embedding: The embedding.
    """

    text: str | None
    embedding: Sequence[float] | None = None


class Retriever(Protocol):
    """Interface of retrievers."""

    search_type: Literal["semantic", "text"]

    def find_matches(self, selection: Selection, query: SearchQuery, count: int) -> list[Candidate]:
        """Return the matching memories, best first, at most `count`."""

    def find_candidates(
        self, selection: Selection, query: SearchQuery, count: int
    ) -> list[Candidate]:
        """Return the matching memories, and others up to `count`."""

    def cosines(self, query: SearchQuery, texts: Sequence[str]) -> list[float]:
        """Return the cosine of the query and each text, 0 without an embedder."""

    def note_found(self, texts: Sequence[str]) -> None:
        """Tell the embedder what a search found: it may not know the language of most of it."""


class LexicalRetriever:
    """Retrieves memories that contain words of the query.

    Args:
        source: The store.
    """

    search_type: Literal["semantic", "text"] = "text"

    def __init__(self, source: CandidateSource) -> None:
        self._source = source

    def find_matches(self, selection: Selection, query: SearchQuery, count: int) -> list[Candidate]:
        """Return the memories that contain any word of the query, ranked by BM25."""
        if query.text is None:
            raise validation_error(
                "body.embedding",
                "needs an embedder, which this server doesn't have; send a query instead",
            )
        words = query_words(query.text)
        with CANDIDATES:
            hits = self._source.match_words(selection, words, count)
        best = max((hit.score for hit in hits), default=0.0)
        return [
            Candidate(
                hit.number,
                text_similarity(hit.words, len(words)),
                EVIDENCE * hit.score / best,
            )
            for hit in hits
        ]

    def find_candidates(
        self, selection: Selection, query: SearchQuery, count: int
    ) -> list[Candidate]:
        """Return the memories that contain any word of the query, then the newest others."""
        found = {item.number: item for item in self.find_matches(selection, query, count)}
        with CANDIDATES:
            newest = self._source.newest_numbers(selection, count)
        for number in newest:
            found.setdefault(number, Candidate(number, 0.0, 0.0))
        return list(found.values())[:count]

    def cosines(self, query: SearchQuery, texts: Sequence[str]) -> list[float]:  # noqa: ARG002
        """Return zeros: without an embedder, only words are compared."""
        return [0.0] * len(texts)

    def note_found(self, texts: Sequence[str]) -> None:
        """Do nothing: there is no embedder."""
