"""The tokenizer: texts to chunks, and to windows of token ids."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

pytest.importorskip("numpy", reason="needs the extra [local]: numpy not installed")

from memoryos_server.embedders.chunking import MAX_WINDOWS_PER_TEXT
from memoryos_server.embedders.wordpiece import (
    MAX_TOKENS_PER_WINDOW,
    WordPiece,
    chunks,
)


@given(st.text(alphabet="ab \n", max_size=60), st.integers(1, 7))
def test_chunks_are_the_text_cut_in_pieces_of_the_size(text, size):
    pieces = list(chunks(text, size))
    assert "".join(pieces) == text
    assert all(len(piece) <= size for piece in pieces)


def test_chunks_end_between_words():
    assert list(chunks("one two three", 8)) == ["one two", " three"]


@pytest.fixture(scope="module")
def wordpiece():
    pytest.importorskip("tokenizers", reason="needs the extra [local]: tokenizers not installed")
    return WordPiece()


# What Hugging Face tokenizers 0.23.3 makes of them with the model's own tokenizer.json.
REFERENCE = [
    ("", [101, 102]),
    ("A small step", [101, 1037, 2235, 3357, 102]),
    (
        "Crème brûlée, straßenbahn!",
        [101, 13675, 21382, 7987, 9307, 2063, 1010, 2358, 27807, 27698, 4430, 2078, 999, 102],
    ),
    ("記憶 memory", [101, 100, 100, 3638, 102]),
    ("[SEP] is text", [101, 1031, 19802, 1033, 2003, 3793, 102]),
    ("unbelievableness 2026", [101, 23653, 2791, 16798, 2575, 102]),
]


@pytest.mark.parametrize(("text", "ids"), REFERENCE)
def test_token_ids_are_those_the_model_was_trained_with(wordpiece, text, ids):
    assert wordpiece.windows(text) == [ids]


def test_a_long_text_is_cut_into_windows_that_miss_nothing(wordpiece):
    windows = wordpiece.windows("step " * 600)
    assert [len(window) for window in windows] == [256, 256, 600 - 2 * 254 + 2]
    assert {tuple(window[1:-1]) for window in windows} == {(3357,) * 254, (3357,) * 92}


@pytest.mark.parametrize("text", ["記" * 100_000, "step " * 100_000, "x" * 1_000_000])
def test_no_text_has_more_windows_than_the_bound(wordpiece, text):
    windows = wordpiece.windows(text)
    assert len(windows) <= MAX_WINDOWS_PER_TEXT
    assert all(len(window) <= MAX_TOKENS_PER_WINDOW for window in windows)
