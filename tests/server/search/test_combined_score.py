"""The order of results."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from memoryos_server.model.records import Selection
from memoryos_server.search.combined_score import (
    ATTRIBUTE_WEIGHTS,
    SCORE_DECIMALS,
    Candidate,
    combined_score,
    rank,
    text_similarity,
)
from memoryos_server.text.query_words import MAX_QUERY_WORDS, query_words


@pytest.fixture
def memory(user, clock):
    """Make stored memories, as records."""

    def make(content="a memory", **body):
        stored = user.create(content, **body)
        return user.service._store.find_memory(Selection("default", clock()), stored["id"])

    return make


EVIDENCE, SHARE = st.floats(0, 100), st.floats(0, 1)
NEAR_EQUAL = sum(ATTRIBUTE_WEIGHTS.values())


def test_the_score_is_half_where_the_total_is_4():
    """By hand: 3 + 0.3 · 0.5 + 0.2 · 0.25 = 3.2, of 7.2."""
    assert combined_score(4, 0, 0) == 0.5
    assert combined_score(3, 0.5, 0.25) == pytest.approx(3.2 / 7.2)
    assert combined_score(0, 0, 0) == 0


@given(EVIDENCE, SHARE, SHARE)
def test_a_score_is_between_0_and_1(evidence, relevance, importance):
    assert 0 <= combined_score(evidence, relevance, importance) < 1


@given(EVIDENCE, SHARE, SHARE, st.floats(0.01, 1))
def test_the_score_rises_with_the_evidence_the_relevance_and_the_importance(a, b, c, step):
    score = combined_score(a, b, c)
    assert combined_score(a + step, b, c) > score
    assert combined_score(a, b + step, c) > score
    assert combined_score(a, b, c + step) > score


@given(EVIDENCE, st.floats(NEAR_EQUAL + 1e-6, 50))
def test_a_memory_that_fits_clearly_better_comes_first_however_old_and_unimportant(evidence, more):
    assert combined_score(evidence + more, 0, 0) > combined_score(evidence, 1, 1)


def test_among_near_equal_fits_freshness_and_importance_decide():
    assert combined_score(3, 1, 1) > combined_score(3 + NEAR_EQUAL - 0.01, 0, 0)


def test_among_equal_fits_the_important_and_the_fresh_come_first(memory, clock):
    old = memory(tier="medium")
    clock.advance(days=5)
    fresh, important = memory(tier="medium"), memory(tier="medium", importance_score=1)
    found = [
        (Candidate(number, 0.8, 3.0), item) for number, item in enumerate([old, fresh, important])
    ]
    assert [item.candidate.number for item in rank(found, clock())] == [2, 1, 0]


def test_equal_scores_keep_the_order_they_were_found_in(memory, clock):
    found = [(Candidate(number, 0.8, 3.0), memory()) for number in range(5)]
    assert [item.candidate.number for item in rank(found, clock())] == list(range(5))


def test_what_fits_a_little_better_comes_first_although_the_scores_shown_are_equal(memory, clock):
    """Scores are rounded for the eye only."""
    found = [(Candidate(number, 0.8, 3.0 + number * 1e-6), memory()) for number in range(3)]
    ranked = rank(found, clock())
    assert [item.candidate.number for item in ranked] == [2, 1, 0]
    assert len({round(item.score, SCORE_DECIMALS) for item in ranked}) == 1


def test_half_of_the_words_pass_the_default_threshold_and_a_third_does_not():
    assert text_similarity(1, 2) == 0.7071  # as many decimals as in responses
    assert text_similarity(1, 2) >= 0.7 > text_similarity(1, 3)
    assert text_similarity(3, 3) == 1
    assert text_similarity(0, 3) == text_similarity(0, 0) == 0


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("What are the user's preferences?", ("user", "preferences")),
        ("Python, python; PYTHON!", ("python",)),
        ("Who am I?", ("who", "am", "i")),
        ("Ärger naïve 東京", ("arger", "naive", "東京")),
        ('"OR" NEAR(x) AND *', ("near", "x")),
        ("?!", ()),
    ],
)
def test_a_query_is_its_telling_words(query, words):
    assert query_words(query) == words


def test_a_long_query_is_cut():
    assert len(query_words(" ".join(f"w{n}" for n in range(1000)))) == MAX_QUERY_WORDS
