"""The features of every memory for every query of a set, as the server computes them."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from memoryos_server.model.timestamps import utc_now
from memoryos_server.search.embedder_languages import languages_of, reading_of
from memoryos_server.search.expected_cosines import expected_cosines
from memoryos_server.search.feature_scores import AnalyzedQuery, FeatureScorer
from memoryos_server.search.index.entry import NEVER, Entry
from memoryos_server.search.index.owner_index import OwnerIndex
from memoryos_server.search.query_analysis import analyze_query
from memoryos_server.search.text_analysis import analyze_memory, parse_analysis
from memoryos_server.service.memories import new_memory
from memoryos_server.text.query_focus import split_query

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from memoryos_server.embedders import Embedder
    from memoryos_server.search.features import Reading

    from .sets import RetrievalSet, World

__all__ = ["Observation", "index_of", "observe"]

_ALL_COLUMNS: Reading = "related"


class Observation(NamedTuple):
    """A query with the features of each memory.

    Attributes:
        reading: What the embedder makes of its language.
        features: One row per memory, one column per feature.
        is_message: Whether each memory is a message of a conversation.
        gold: The rows of the answers.
    """

    reading: Reading
    features: NDArray[np.float32]
    is_message: NDArray[np.bool_]
    gold: NDArray[np.intp]


def observe(one: RetrievalSet, embedder: Embedder) -> list[Observation]:
    """Return the features for each query of a set."""
    return [found for world in one.worlds for found in _observe_world(world, embedder)]


def _observe_world(world: World, embedder: Embedder) -> Iterator[Observation]:
    index = index_of(world, embedder)
    rows = np.arange(len(index))
    row_of = {document.id: row for row, document in enumerate(world.documents)}
    prior, languages = expected_cosines(embedder), languages_of(embedder)
    questions = [split_query(query.text).question for query in world.queries]
    for query, question, vector in zip(
        world.queries, questions, embedder.embed(questions), strict=True
    ):
        terms = analyze_query(question)
        analyzed = AnalyzedQuery(vector, terms, _ALL_COLUMNS, prior)
        scorer = FeatureScorer(index, analyzed, None)
        yield Observation(
            reading_of(question, terms.language, languages),
            scorer.features(rows),
            index.conversations.is_message.copy(),
            np.array(sorted(row_of[name] for name in query.gold)),
        )


def index_of(world: World, embedder: Embedder) -> OwnerIndex:
    """Return an index with the documents of a world, in order."""
    now = utc_now()
    vectors = embedder.embed([document.text for document in world.documents])
    index = OwnerIndex(embedder.dimension, exact_rows=len(world.documents))
    entries = []
    for number, document in enumerate(world.documents):
        arguments = {
            "content": document.text,
            "tier": "long",
            "content_type": document.content_type,
            "metadata": document.metadata or {},
        }
        memory = new_memory(arguments, owner="reader", memory_id=str(number), now=now)
        conversation, terms = parse_analysis(analyze_memory(memory)) or (0, b"")
        facets = (memory.tier, memory.content_type, memory.memory_nature)
        vector = vectors[number].tobytes()
        entries.append(Entry(number, facets, number, NEVER, vector, conversation, terms))
    index.extend(entries)
    return index
