"""Which of the memories found for a query fit it."""

from __future__ import annotations

from datetime import datetime, timezone

import pytest

from memoryos_server.search.combined_score import Candidate, RankedMemory
from memoryos_server.search.query_fit import MAX_CHECKED_FOR_WORDS, fitting
from memoryos_server.search.query_matches import QueryMatcher
from memoryos_server.service.memory_changes import new_memory

NOW = datetime(2026, 11, 22, 10, tzinfo=timezone.utc)


def ranked(content, *, evidence=0.0, similarity=0.0):
    body = {"content": content, "tier": "long", "content_type": "text"}
    memory = new_memory(body, owner="o", memory_id=content, now=NOW)
    candidate = Candidate(1, similarity, evidence)
    return RankedMemory(memory, similarity, 1.0, 0.5, candidate=candidate)


def fit(query, *items):
    return [item.memory.content for item in fitting(items, QueryMatcher(query))]


@pytest.mark.parametrize(
    ("evidence", "similarity", "fits"),
    [(4.0, 0.5, True), (3.9, 0.9, False), (8.0, 0.49, False)],
)
def test_half_the_best_evidence_and_a_similarity_of_half_are_enough(evidence, similarity, fits):
    best = ranked("best", evidence=8.0, similarity=0.9)
    other = ranked("other", evidence=evidence, similarity=similarity)
    assert fit("green tea", best, other) == ["best", *["other"] * fits]


def test_half_of_the_words_are_enough_as_well():
    texts = ["a cup of green tea", "green leaves", "black coffee"]
    assert fit("green tea leaves", *map(ranked, texts)) == texts[:2]
    assert fit("!?", *map(ranked, texts)) == []


def test_the_words_of_the_best_memories_only_are_compared():
    texts = [f"tea {number}" for number in range(MAX_CHECKED_FOR_WORDS + 1)]
    assert fit("tea", *map(ranked, texts)) == texts[:-1]
