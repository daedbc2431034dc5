"""The parts of a score add up to it, whatever a memory was found by."""

from __future__ import annotations

import math
import operator
from dataclasses import replace
from datetime import datetime, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from memoryos_server.search.combined_score import Candidate, RankedMemory, combined_score
from memoryos_server.search.explanation import ScorePart, explanation
from memoryos_server.search.features import FEATURES
from memoryos_server.service.memory_changes import new_memory

NOW = datetime(2026, 11, 22, 10, tzinfo=timezone.utc)
BODY = {"content": "tea", "tier": "long", "content_type": "text"}
MEMORY = new_memory(BODY, owner="o", memory_id="1", now=NOW)
SHARE = st.floats(0, 1)


def ranked(relevance, importance, features=(), weights=(), *, evidence=None):
    """A memory whose evidence is the sum of its weighted features, unless given."""
    memory = replace(MEMORY, importance_score=importance)
    if evidence is None:
        evidence = sum(map(operator.mul, features, weights))
    score = round(combined_score(evidence, relevance, importance), 4)
    candidate = Candidate(1, 0.5, evidence, features, weights)
    return RankedMemory(memory, 0.5, relevance, score, candidate=candidate)


def shares_of(item):
    return {part.name: part.share for part in explanation(item)}


ROW = st.tuples(*[st.floats(0, 8)] * len(FEATURES))


@given(SHARE, SHARE, ROW, ROW)
def test_the_sum_is_the_score_and_no_part_is_negative(relevance, importance, features, weights):
    item = ranked(relevance, importance, features, weights)
    shares = shares_of(item)
    assert sum(shares.values()) == pytest.approx(item.score, abs=1e-12)
    assert all(share >= 0 and math.isfinite(share) for share in shares.values())


def test_a_part_has_the_share_that_its_weighted_value_has_of_the_total():
    """1 · 2 + 0.5 · 4, 0.3 · 1 and 0.2 · 0.5: 4.4, of which the score is 4.4 / (4.4 + 4)."""
    features = (2.0, 4.0, *[0.0] * (len(FEATURES) - 2))
    weights = (1.0, 0.5, 0.0, 1.0, *[0.0] * (len(FEATURES) - 4))
    parts = explanation(ranked(1.0, 0.5, features, weights))
    score = 4.4 / 8.4
    assert parts == [
        ScorePart("cosine", pytest.approx(score * 2 / 4.4, abs=1e-4), 2.0, 1.0),
        ScorePart("words", pytest.approx(score * 2 / 4.4, abs=1e-4), 4.0, 0.5),
        ScorePart(FEATURES[3], 0.0, 0.0, 1.0),
        ScorePart("relevance", pytest.approx(score * 0.3 / 4.4, abs=1e-4), 1.0, 0.3),
        ScorePart("importance", pytest.approx(score * 0.1 / 4.4, abs=1e-4), 0.5, 0.2),
    ]


def test_without_an_embedder_the_evidence_is_one_of_words():
    parts = explanation(ranked(0.0, 0.0, evidence=4.0))
    assert [(part.name, part.share) for part in parts] == [
        ("words", 0.5),
        ("relevance", 0.0),
        ("importance", 0.0),
    ]
    assert (parts[0].value, parts[0].weight) == (None, None)


@pytest.mark.parametrize("moved", [0.0625, -0.125])
def test_what_moved_a_memory_is_a_part_of_its_own(moved):
    item = ranked(0.5, 0.5, evidence=4.0)
    parts = explanation(replace(item, score=item.score + moved, update=moved))
    assert (parts[-1].name, parts[-1].share) == ("update", pytest.approx(moved, abs=1e-4))
    assert sum(part.share for part in parts) == pytest.approx(item.score + moved, abs=1e-9)
    others = {part.name: part.share for part in parts[:-1]}
    assert others == pytest.approx(shares_of(item), abs=2e-4)


def test_a_memory_that_nothing_speaks_for_has_no_shares():
    assert set(shares_of(ranked(0.0, 0.0, evidence=0.0)).values()) == {0.0}
