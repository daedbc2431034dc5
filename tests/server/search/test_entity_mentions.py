"""Which texts mention a name."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from memoryos_server.search.entity_mentions import mentions


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Ada came", "ada"),
        ("with ADA.", "Ada"),
        ("Zoë's hat", "zoe"),
        ("they met Ada\nLovelace", "Ada Lovelace"),
        ("(C++)", "c++"),
        ("a 🍵, please", "🍵"),
        ("東京に行く", "東京"),
        ("STRASSE", "straße"),
    ],
)
def test_a_name_is_mentioned_whatever_its_case_and_surroundings(text, name):
    assert mentions(text, ["nobody", name])


@pytest.mark.parametrize(
    ("text", "name"),
    [("Adamant", "Ada"), ("Canada", "ada"), ("Ada_1", "Ada"), ("Rosebud", "rose"), ("", "Ada")],
)
def test_a_part_of_another_word_is_no_mention(text, name):
    assert not mentions(text, [name])


def test_no_name_is_mentioned_nowhere():
    assert not mentions("Ada", [])
    assert not mentions("Ada", ["", " "])


@given(st.text(), st.text())
def test_any_name_and_text_will_do(text, name):
    """No name is a pattern, and none mentions more than it says."""
    assert mentions(f"{text} Ada {name}", ["ada"])
    if not name.strip():
        assert not mentions(text, [name])
