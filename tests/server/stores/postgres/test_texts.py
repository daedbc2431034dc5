"""Texts as PostgreSQL holds them."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

columns = pytest.importorskip(
    "memoryos_server.stores.postgres.column_types", reason="the extra [postgres] is not installed"
)

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
