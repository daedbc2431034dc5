"""The words by which both stores find texts."""

from __future__ import annotations

import sqlite3

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from memoryos_server.stores import words
from memoryos_server.text.folding import fold


@given(st.text(st.characters(max_codepoint=0x24F)), st.text(st.characters(max_codepoint=0x24F)))
@example("Café's crème-brûlée", "cafe")
@example("running foo_bar", "foo_bar")
def test_a_word_is_found_exactly_where_fts5_finds_it_in_the_folded_text(text, asked):
    connection = sqlite3.connect(":memory:")
    connection.execute(f"CREATE VIRTUAL TABLE t USING fts5 (x, tokenize = '{words.TOKENIZER}')")
    connection.execute("INSERT INTO t VALUES (?)", (fold(text),))
    quoted = '"' + fold(asked).replace('"', '""').replace("\0", " ") + '"'
    found = connection.execute("SELECT count(*) FROM t WHERE t MATCH ?", (quoted,)).fetchone()
    connection.close()
    held, phrase = words.words_of(text), words.words_of(asked.replace("\0", " "))
    starts = range(len(held) - len(phrase) + 1)
    ours = bool(phrase) and any(held[at : at + len(phrase)] == phrase for at in starts)
    assert (found[0] > 0) == ours


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("O\u2019Brien", ["o", "brien"]),
        ("O\u02bcBrien", ["o", "brien"]),
        ("Stra\u00dfe", ["strass"]),
        ("co\u00adoperate", ["cooper"]),
        ("Mu\u0308ller", ["muller"]),
        ("東京都", ["東", "京", "都"]),
        ("tea🍵", ["tea", "\ue0001f375"]),
    ],
)
def test_texts_are_folded_and_separated(text, expected):
    assert words.words_of(text) == expected


def test_a_word_of_any_length_fits_into_an_index():
    one, other = "a" * 40_000 + "x", "a" * 40_000 + "y"
    (short,) = words.words_of(one)
    assert len(short.encode()) < 2000
    assert words.words_of("\u03b1" * 300) != words.words_of("\u03b1" * 299)
    assert words.words_of("a" * 40_000 + "x") == [short]
    assert words.words_of(one[:2000] + "x") != words.words_of(other[:2000] + "y")


@pytest.mark.parametrize("letter", ["\u03b1", "\u0915", "\U00010400"])
def test_a_long_word_that_fts5_cuts_within_a_character_is_read(letter):
    """It cuts after 32,768 bytes; the rest was no UTF-8, and the memory could not be stored."""
    for prefix in ("", "a", "ab", "abc"):
        assert words.words_of(prefix + letter * 20_000)


def test_a_text_of_characters_that_fold_into_many_is_indexed_in_part(monkeypatch):
    """A megabyte of them would be two million words, which took 9 seconds."""
    assert words.words_of("\u3316" * 2) == words.words_of("キロメートル" * 2)
    for whole in ("a " * 524_288, "a" * 1_048_576, "東" * 349_525):
        assert len(words._separate(fold(whole))) <= words.MAX_INDEXED_CHARACTERS
    monkeypatch.setattr(words, "MAX_INDEXED_CHARACTERS", 1000)
    assert len(words.words_of("\u3316" * 340)) == 500


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
