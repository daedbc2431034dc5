"""The parts of a score add up to it, whatever a memory was found by."""

from __future__ import annotations

import math
from dataclasses import replace
from datetime import datetime, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from memoryos_server.search.combined_score import Candidate, RankedMemory, combined_score
from memoryos_server.search.explanation import ScorePart, explanation
from memoryos_server.search.features import FEATURES, weights
from memoryos_server.service.memory_changes import new_memory

NOW = datetime(2026, 11, 22, 10, tzinfo=timezone.utc)
BODY = {"content": "tea", "tier": "long", "content_type": "text"}
MEMORY = new_memory(BODY, owner="o", memory_id="1", now=NOW)
SHARE = st.floats(0, 1)
VALUES = st.tuples(*[st.floats(0, 20)] * len(FEATURES))
WEIGHTS = st.sampled_from(
    [kind for reading in ("known", "related", "unknown") for kind in weights(reading)]
)


def ranked(evidence, relevance, importance, features=(), feature_weights=()):
    """Return a memory as a search ranks it, with scores rounded like those of responses."""
    memory = replace(MEMORY, importance_score=importance)
    score = round(combined_score(evidence, relevance, importance), 4)
    candidate = Candidate(1, 0.5, evidence, features, feature_weights)
    return RankedMemory(memory, 0.5, relevance, score, candidate=candidate)


def by_features(values, used, relevance=0.5, importance=0.2):
    evidence = sum(value * weight for value, weight in zip(values, used, strict=True))
    return ranked(evidence, relevance, importance, values, used)


def check_shares(item):
    shares = [part.share for part in explanation(item)]
    assert sum(shares) == pytest.approx(item.score, abs=1e-12)
    assert all(share >= 0 and math.isfinite(share) for share in shares)


@given(SHARE, SHARE, VALUES, WEIGHTS)
def test_the_sum_of_the_shares_is_the_score(relevance, importance, values, used):
    check_shares(by_features(values, used, relevance, importance))


@given(st.floats(0, 8), SHARE, SHARE)
def test_without_an_embedder_the_sum_of_the_shares_is_the_score(evidence, relevance, importance):
    check_shares(ranked(evidence, relevance, importance))


def test_each_feature_has_its_share_of_the_total():
    """3.5 for the features, 0.15 for the relevance and 0.04 for the importance, of 3.69 and 4."""
    values, used = [0.0] * len(FEATURES), [0.0] * len(FEATURES)
    values[:4], used[:4] = (1.5, 0.25, 0.0, 0.7), (2.0, 2.0, 1.0, 0.0)
    item = by_features(values, used)
    assert item.score == round(3.69 / 7.69, 4)
    assert explanation(item) == [
        ScorePart("cosine", pytest.approx(3 / 7.69, abs=1e-4), 1.5, 2.0),
        ScorePart("words", pytest.approx(0.5 / 7.69, abs=1e-4), 0.25, 2.0),
        ScorePart("rarity", 0.0, 0.0, 1.0),
        ScorePart("relevance", pytest.approx(0.15 / 7.69, abs=1e-4), 0.5, 0.3),
        ScorePart("importance", pytest.approx(0.04 / 7.69, abs=1e-4), 0.2, 0.2),
    ]


def test_without_an_embedder_the_evidence_is_that_of_words():
    assert explanation(ranked(4.0, 0.5, 0.2)) == [
        ScorePart("words", pytest.approx(4 / 8.19, abs=1e-4)),
        ScorePart("relevance", pytest.approx(0.15 / 8.19, abs=1e-4), 0.5, 0.3),
        ScorePart("importance", pytest.approx(0.04 / 8.19, abs=1e-4), 0.2, 0.2),
    ]


def test_nothing_has_no_shares():
    assert {part.share for part in explanation(ranked(0.0, 0.0, 0.0))} == {0.0}
