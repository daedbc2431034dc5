"""Texts as PostgreSQL holds them, and the words that they are found by."""

from __future__ import annotations

import sqlite3

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from memoryos_server.stores.sqlite.schema import MIGRATIONS

columns = pytest.importorskip(
    "memoryos_server.stores.postgres.column_types", reason="the extra [postgres] is not installed"
)
words = pytest.importorskip("memoryos_server.stores.words")

# Nearly all of it characters that are written otherwise than they are.
TEXTS = st.text(st.sampled_from("\0\1\2\3ab")) | st.text()


@given(TEXTS)
@example("\1\1\1\2")
def test_every_text_comes_back_as_it_was_and_holds_no_nul(text):
    stored = columns.escaped(text)
    assert "\0" not in stored
    assert columns.unescaped(stored) == text


@given(TEXTS, TEXTS)
def test_a_part_of_a_text_is_a_part_of_what_is_stored_and_nothing_else_is(text, part):
    assert (columns.escaped(part) in columns.escaped(text)) == (part in text)


@given(TEXTS, TEXTS)
def test_texts_are_in_the_order_of_their_characters(one, other):
    assert (columns.escaped(one) < columns.escaped(other)) == (one < other)


def test_the_words_are_those_of_the_store_on_sqlite():
    """The same tokenizer, by its name."""
    statements = " ".join(" ".join(version) for version in MIGRATIONS)
    assert f"tokenize = '{words.TOKENIZER}'" in statements


@given(st.text(), st.text())
@example("Café's crème-brûlée", "cafe")
@example("running foo_bar", "foo_bar")
def test_a_word_is_found_exactly_where_sqlite_finds_it(text, asked):
    connection = sqlite3.connect(":memory:")
    connection.execute(f"CREATE VIRTUAL TABLE t USING fts5 (x, tokenize = '{words.TOKENIZER}')")
    connection.execute("INSERT INTO t VALUES (?)", (text,))
    quoted = '"' + asked.replace('"', '""').replace("\0", " ") + '"'
    found = connection.execute("SELECT count(*) FROM t WHERE t MATCH ?", (quoted,)).fetchone()
    connection.close()
    held, phrase = words.words_of(text), words.words_of(asked.replace("\0", " "))
    starts = range(len(held) - len(phrase) + 1)
    ours = bool(phrase) and any(held[at : at + len(phrase)] == phrase for at in starts)
    assert (found[0] > 0) == ours


def test_a_word_of_any_length_fits_into_an_index():
    one, other = "a" * 40_000 + "x", "a" * 40_000 + "y"
    (short,) = words.words_of(one)
    assert len(short.encode()) < 2000
    assert words.words_of("ä" * 300) != words.words_of("ä" * 299)
    assert words.words_of("a" * 40_000 + "x") == [short]
    assert words.words_of(one[:2000] + "x") != words.words_of(other[:2000] + "y")
