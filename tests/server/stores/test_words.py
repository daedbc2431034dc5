"""The words by which both stores find texts."""

from __future__ import annotations

import pytest

from memoryos_server.stores import words
from memoryos_server.text import words as text_words


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("O\u2019Brien", ["o", "brien"]),
        ("O\u02bcBrien", ["o", "brien"]),
        ("Stra\u00dfe", ["strass"]),
        ("co\u00adoperate", ["cooper"]),
        ("Mu\u0308ller", ["muller"]),
        ("東京都", ["東", "京", "都", "東京", "京都"]),
        ("tea🍵", ["tea", "🍵"]),
        ("Learning C++", ["learn", "c", "c++"]),
    ],
)
def test_a_text_is_indexed_by_its_pieces_then_by_pairs_and_compounds(text, expected):
    assert words.words_of(text) == expected


@pytest.mark.parametrize(
    ("name", "phrase"), [("Running Tea", ("run", "tea")), ("東京", ("東", "京")), ("C++", ("c",))]
)
def test_a_name_is_a_phrase_of_pieces(name, phrase):
    assert words.phrase_of(name) == phrase


def test_a_word_of_any_length_fits_into_an_index():
    one, other = "a" * 999 + "x", "a" * 999 + "y"
    (short,) = words.words_of(one)
    assert len(short.encode()) < 2000
    assert words.words_of("\u03b1" * 300) != words.words_of("\u03b1" * 299)
    assert words.words_of(one) == [words.term_of(one)] != words.words_of(other)


def test_a_text_of_characters_that_fold_into_many_is_indexed_in_part(monkeypatch):
    """A megabyte of them would be two million words, which took 9 seconds."""
    assert words.words_of("\u3316" * 2) == words.words_of("キロメートル" * 2)
    monkeypatch.setattr(text_words, "MAX_FOLDED_CHARACTERS", 1000)
    assert len(words.words_of("\u3316" * 340)) == 1000 + 999


def test_a_text_of_many_distinct_words_is_stemmed_in_part(monkeypatch):
    monkeypatch.setattr(words, "MAX_STEMMED_WORDS", 2)
    assert words.words_of("cats dogs tea cows cats") == ["cat", "dog", "tea", "cows", "cat"]


def test_the_names_of_a_search_have_a_bounded_number_of_words():
    long = [f"w{number} " * 2000 for number in range(240)]
    for count in (1, 3, 256):
        limited = words.limit_names(long, entity_count=count)
        total = sum(map(len, words.phrases_of(limited))) * count
        assert 0 < total <= max(words.MAX_NAME_WORDS_PER_SEARCH, words.MAX_PHRASE_WORDS * count)
    assert words.limit_names(["Ada", "Ada Lovelace", "+"], entity_count=1) == (
        "Ada",
        "Ada Lovelace",
        "+",
    )
