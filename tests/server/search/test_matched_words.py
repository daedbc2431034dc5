"""The words of a text that match a query."""

from __future__ import annotations

import pytest

from memoryos_server.search.matched_words import MAX_MATCHED_WORDS, matched_words
from memoryos_server.search.query_matches import QueryMatcher

pytestmark = pytest.mark.local_server


@pytest.mark.parametrize(
    ("query", "text", "words"),
    [
        ("green tea", "(Tea), green teas and TEA.", ["Tea", "green", "teas"]),
        ("医生叫什么名字", "他的医生叫李雷", ["医生叫"]),
        ("医生", "医生,医生", ["医生"]),
        ("医生 名字", "医生名字", ["医生名字"]),
        ("the price in €", "it costs 5 €", ["€"]),
        ("tea", "coffee", []),
    ],
)
def test_matching_words_are_shown_once_as_they_stand_there(query, text, words):
    assert matched_words(QueryMatcher(query), text) == words


def test_no_more_words_than_a_reader_looks_at():
    words = [f"w{number}" for number in range(MAX_MATCHED_WORDS + 1)]
    text = " ".join(words)
    assert matched_words(QueryMatcher(text), text) == words[:-1]
