"""What short texts say of whom."""

from __future__ import annotations

import gc
import tracemalloc

import pytest

from memoryos_server.text.statements import read_statement

pytestmark = pytest.mark.local_server


@pytest.mark.parametrize(
    ("text", "is_statement"),
    [
        ("Bo lives in Ghent. He likes it", True),
        ("Bo lives in Ghent. He likes it. It rains", False),
        ("Ada: Bo lives in Ghent", True),
        ("Ada: Bo lives in Ghent. He likes it", False),
    ],
)
def test_a_text_of_two_sentences_is_a_statement_and_a_message_of_two_is_none(text, is_statement):
    assert (read_statement(text) is not None) == is_statement


@pytest.mark.parametrize(
    ("text", "subject"),
    [
        ("The new rent is 900 euros", "rent"),
        ("The rent is 900 euros", "rent"),
        ("My sister lives here", "user"),
        ("Ada: I live here", "ada"),
        ("Bo's sister lives here", "bo"),
    ],
)
def test_the_subject_of_a_statement(text, subject):
    assert read_statement(text).subject == subject


def test_numbers_are_no_content():
    assert read_statement("Bo weighs 82 kg").content == {"weigh", "kg"}
    assert read_statement("Bo runs 5km on Monday").numbers == {"5km", "monday"}


def test_long_texts_are_not_kept():
    tracemalloc.start()
    for number in range(20):
        assert read_statement(f"{number} {'word ' * 100_000}") is None
    gc.collect()
    kept, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert kept < 1_000_000
