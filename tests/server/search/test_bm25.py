"""BM25, computed by hand."""

from __future__ import annotations

import math

import pytest

from memoryos_server.search.bm25 import MIN_WEIGHT, score, weight


def test_a_word_weighs_by_how_few_memories_contain_it():
    assert weight(1, 10) == pytest.approx(math.log(9.5 / 1.5))
    assert weight(4, 10) == pytest.approx(math.log(6.5 / 4.5))
    assert weight(5, 10) == weight(10, 10) == weight(11, 10) == MIN_WEIGHT


def test_a_score_rises_with_the_frequency_and_falls_with_the_length():
    """By hand: 1.2 · (0.25 + 0.75 · length / 10); 2.2 · frequency / (frequency + that)."""
    assert score(1.0, 1, 10, 10) == pytest.approx(1)
    assert score(2.0, 3, 20, 10) == pytest.approx(2 * 3 * 2.2 / (3 + 1.2 * 1.75))
