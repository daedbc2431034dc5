"""Splitting texts at lines, sentences, words and characters."""

from __future__ import annotations

import pytest

from memoryos_server.text.segmentation import Span, split_sentences, split_words

pytestmark = pytest.mark.local_server


@pytest.mark.parametrize(
    ("text", "sentences"),
    [
        ("It rains a lot. It does.", ["It rains a lot. ", "It does."]),
        ("It rains now. It does.", ["It rains now. It does."]),
        (
            "This is long enough. Hi. And this is, too.",
            ["This is long enough. ", "Hi. And this is, too."],
        ),
        (
            "A first line of text\nand a second one\n",
            ["A first line of text\n", "and a second one\n"],
        ),
        ("", []),
    ],
)
def test_short_sentences_stay_together_with_the_next_one(text, sentences):
    assert [text[start:end] for start, end in split_sentences(text, 100)] == sentences


def test_a_part_ends_between_words_in_its_second_half():
    text = "one two three four"
    assert [text[start:end] for start, end in split_words(text, Span(0, 18), 9)] == [
        "one two ",
        "three ",
        "four",
    ]


CHARACTERS = {
    "conjunct": "क्ष",
    "flag": "🇩🇪",
    "joined emoji": "👩\u200d💻",
    "skin tone": "👍🏻",
    "darkest skin tone": "👍🏿",
    "accent": "e\u0301",
    "line end": "\r\n",
    "Hangul": "\u1112\u1161\u11ab",
    "subdivision flag": "🏴\U000e0067\U000e0062\U000e007f",
}


@pytest.mark.parametrize("name", CHARACTERS)
@pytest.mark.parametrize("size", [20, 27, 33, 47])
def test_what_a_reader_sees_as_one_character_is_never_divided(name, size):
    character = CHARACTERS[name]
    text = "x" + character * 40
    parts = [text[start:end] for start, end in split_words(text, Span(0, len(text)), size)]
    assert "".join(parts) == text
    assert len(parts) > 1
    for part in parts:
        assert part.removeprefix("x").replace(character, "") == ""
