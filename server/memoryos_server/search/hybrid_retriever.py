"""Hybrid retrieval by embedding, words and conversation, with calibrated similarities."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import numpy as np

from memoryos_server.model.errors import validation_error
from memoryos_server.model.phases import CANDIDATES, EMBEDDING

from .combined_score import SCORE_DECIMALS, Candidate
from .embedder_languages import languages_of, reading_of
from .expected_cosines import expected_cosines
from .feature_scores import AnalyzedQuery
from .query_analysis import analyze_query
from .standing_facts import is_request

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from memoryos_server.embedders import Embedder
    from memoryos_server.model.records import Selection

    from .index.memory_index import Hits
    from .lexical_retriever import SearchQuery
    from .protocols import CandidateSource

__all__ = ["HybridRetriever", "unpad_embedding"]

_EMBEDDING_BATCH_SIZE = 32
_MAX_EMBEDDED_PER_SEARCH = 256


class HybridRetriever:
    """Retrieves memories by the weighted sum of their ranking features.

    Args:
        source: The store.
        embedder: Computes the vectors.
    """

    search_type: Literal["semantic", "text"] = "semantic"

    def __init__(self, source: CandidateSource, embedder: Embedder) -> None:
        self._source = source
        self._embedder = embedder
        self._prior = expected_cosines(embedder)

    def find_matches(self, selection: Selection, query: SearchQuery, count: int) -> list[Candidate]:
        """Return the memories with most evidence."""
        terms = analyze_query(query.text)
        vector = self._vector(query)
        self._embed_missing(selection.owner)
        known = None if query.embedding is not None else languages_of(self._embedder)
        reading = reading_of(query.text or "", terms.language, known)
        analyzed = AnalyzedQuery(vector, terms, reading, self._prior)
        with CANDIDATES:
            hits = self._source.search(selection, analyzed, count)
        corrected = hits.cosines + self._cosine_correction(hits, query.text or "")
        similarities = self._embedder.similarity(corrected, hits.held)
        rounded = np.round(similarities.astype(np.float64), SCORE_DECIMALS)
        columns = (hits.numbers, rounded, hits.evidence, hits.features, hits.weights)
        rows = zip(*(column.tolist() for column in columns), strict=True)
        return [Candidate(*row) for row in rows]

    def _cosine_correction(self, hits: Hits, query: str) -> float:
        correct = getattr(self._embedder, "cosine_correction", None)
        if correct is None:
            return 0.0
        correction: float = correct(hits.mean_cosine, is_request=is_request(query))
        return correction

    def find_candidates(
        self, selection: Selection, query: SearchQuery, count: int
    ) -> list[Candidate]:
        """Return the same as `find_matches`, which ranks all memories."""
        return self.find_matches(selection, query, count)

    def cosines(self, query: SearchQuery, texts: Sequence[str]) -> list[float]:
        """Return the cosine of the query and each text."""
        cosines: list[float] = (self._embed(texts) @ self._vector(query)).tolist()
        return cosines

    def note_found(self, texts: Sequence[str]) -> None:
        """Tell the embedder what a search found, if it counts the languages of texts."""
        count = getattr(self._embedder, "count_languages", None)
        if count is not None:
            count(texts)

    def _vector(self, query: SearchQuery) -> NDArray[np.float32]:
        if query.embedding is not None:
            return unpad_embedding(query.embedding, self._embedder)
        row: NDArray[np.float32] = self._embed([query.text or ""])[0]
        return row

    def _embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        with EMBEDDING:
            return self._embedder.embed(texts)

    def _embed_missing(self, owner: str) -> None:
        """Embed some of the owner's memories that were stored without an embedder."""
        for _ in range(0, _MAX_EMBEDDED_PER_SEARCH, _EMBEDDING_BATCH_SIZE):
            missing = self._source.memories_without_vectors(owner, _EMBEDDING_BATCH_SIZE)
            if not missing:
                return
            rows = self._embed([memory.content for memory in missing])
            self._source.add_vectors(list(zip(missing, rows, strict=True)))


def unpad_embedding(embedding: Sequence[float], embedder: Embedder) -> NDArray[np.float32]:
    """Return the embedding without its zero padding, scaled to unit length.

    Args:
        embedding: The embedding in a request, of 1536 numbers.
        embedder: The embedder of the stored vectors.

    Raises:
        ServiceError: 400, if it can't be a vector of `embedder`.
    """
    try:
        vector: NDArray[np.float64] = np.asarray(embedding, dtype=np.float64)
    except OverflowError:
        raise validation_error("body.embedding", "contains a number that is too large") from None
    if np.any(vector[embedder.dimension :]):
        raise validation_error(
            "body.embedding",
            f"comes from another model than this server's {embedder.name}, whose vectors have "
            f"{embedder.dimension} numbers followed by zeros; send a query instead",
        )
    vector = vector[: embedder.dimension]
    largest = np.abs(vector).max()
    if largest == 0:
        raise validation_error("body.embedding", "contains only zeros")
    # Scaled first, since the squares of large numbers exceed the range of a double.
    scaled = vector / largest
    unit: NDArray[np.float32] = (scaled / np.linalg.norm(scaled)).astype(np.float32)
    return unit
