"""The parts of a score add up to it, whatever a memory was found by."""

from __future__ import annotations

import math
from dataclasses import replace
from datetime import datetime, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from memoryos_server.search.combined_score import RankedMemory, combined_score
from memoryos_server.search.explanation import explanation
from memoryos_server.search.features import FEATURES
from memoryos_server.service.memory_changes import new_memory

NOW = datetime(2026, 11, 22, 10, tzinfo=timezone.utc)
BODY = {"content": "tea", "tier": "long", "content_type": "text"}
MEMORY = new_memory(BODY, owner="o", memory_id="1", now=NOW)
SHARE = st.floats(0, 1)


def ranked(match, relevance, importance, features=()):
    memory = replace(MEMORY, importance_score=importance)
    score = round(combined_score(match, relevance, importance), 4)
    return RankedMemory(memory, match, relevance, score, match=match, features=features)


@given(SHARE, SHARE, SHARE, st.just(()) | st.tuples(*[st.floats(-1, 20)] * len(FEATURES)))
def test_the_sum_is_the_score_and_no_part_is_negative(match, relevance, importance, features):
    item = ranked(match, relevance, importance, features)
    parts = explanation(item)
    assert sum(parts.values()) == pytest.approx(item.score, abs=1e-12)
    assert all(part >= 0 and math.isfinite(part) for part in parts.values())


def test_each_feature_has_its_share_of_the_match():
    parts = explanation(ranked(0.8, 0.5, 0.2, (0.6, 2.0, 0.0, -1.0, 0.0, 0.0)))
    assert parts == {
        "cosine": pytest.approx(0.6 * 0.6 / 0.84, abs=1e-4),
        "words": pytest.approx(0.6 * 0.24 / 0.84, abs=1e-4),
        **dict.fromkeys(("speaker", "neighbours", "question", "time"), 0.0),
        "relevance": 0.075,
        "importance": 0.02,
    }


def test_without_an_embedder_the_match_is_one_of_words():
    parts = explanation(ranked(0.8, 0.5, 0.2))
    assert parts == {"words": 0.6, "relevance": 0.075, "importance": 0.02}


def test_what_speaks_against_a_memory_in_all_has_no_share():
    parts = explanation(ranked(0.2, 0.5, 0.2, (-0.6, 0.0, 0.0, 0.0, 0.0, 0.0)))
    assert parts["cosine"] == 0.15
    assert sum(parts.values()) == pytest.approx(0.15 + 0.075 + 0.02)
