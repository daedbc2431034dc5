"""The parts of a score add up to it, whatever a memory was found by."""

from __future__ import annotations

import math
from dataclasses import replace
from datetime import datetime, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from memoryos_server.search.combined_score import RankedMemory, combined_score
from memoryos_server.search.explanation import ScorePart, explanation
from memoryos_server.search.features import FEATURE_WEIGHTS, FEATURES
from memoryos_server.service.memory_changes import new_memory

NOW = datetime(2026, 11, 22, 10, tzinfo=timezone.utc)
BODY = {"content": "tea", "tier": "long", "content_type": "text"}
MEMORY = new_memory(BODY, owner="o", memory_id="1", now=NOW)
SHARE = st.floats(0, 1)


def ranked(match, relevance, importance, features=()):
    memory = replace(MEMORY, importance_score=importance)
    score = round(combined_score(match, relevance, importance), 4)
    return RankedMemory(memory, match, relevance, score, match=match, features=features)


def shares_of(item):
    return {part.name: part.share for part in explanation(item)}


@given(SHARE, SHARE, SHARE, st.just(()) | st.tuples(*[st.floats(-1, 20)] * len(FEATURES)))
def test_the_sum_is_the_score_and_no_part_is_negative(match, relevance, importance, features):
    item = ranked(match, relevance, importance, features)
    shares = shares_of(item)
    assert sum(shares.values()) == pytest.approx(item.score, abs=1e-12)
    assert all(share >= 0 and math.isfinite(share) for share in shares.values())


def test_each_feature_has_its_share_of_the_match():
    parts = explanation(ranked(0.8, 0.5, 0.2, (0.6, 2.0, 0.0, -1.0, 0.0, 0.0)))
    assert [part.name for part in parts] == [*FEATURES, "relevance", "importance"]
    assert [part.value for part in parts] == [0.6, 2.0, 0.0, -1.0, 0.0, 0.0, 0.5, 0.2]
    assert [part.weight for part in parts] == [*FEATURE_WEIGHTS, 0.15, 0.1]
    assert {part.name: part.share for part in parts} == {
        "cosine": pytest.approx(0.6 * 0.6 / 0.84, abs=1e-4),
        "words": pytest.approx(0.6 * 0.24 / 0.84, abs=1e-4),
        **dict.fromkeys(("speaker", "neighbours", "question", "time"), 0.0),
        "relevance": 0.075,
        "importance": 0.02,
    }


def test_without_an_embedder_the_match_is_one_of_words():
    parts = explanation(ranked(0.8, 0.5, 0.2))
    assert parts == [
        ScorePart("words", 0.6),
        ScorePart("relevance", 0.075, 0.5, 0.15),
        ScorePart("importance", 0.02, 0.2, 0.1),
    ]


@pytest.mark.parametrize("moved", [0.0625, -0.125])
def test_what_moved_a_memory_is_a_part_of_its_own(moved):
    item = ranked(0.8, 0.5, 0.2, (0.6, 2.0, 0.0, -1.0, 0.0, 0.0))
    shares = shares_of(replace(item, score=item.score + moved))
    assert shares == {**shares_of(item), "update": moved}


def test_what_speaks_against_a_memory_in_all_has_no_share():
    shares = shares_of(ranked(0.2, 0.5, 0.2, (-0.6, 0.0, 0.0, 0.0, 0.0, 0.0)))
    assert shares["cosine"] == 0.15
    assert sum(shares.values()) == pytest.approx(0.15 + 0.075 + 0.02)
