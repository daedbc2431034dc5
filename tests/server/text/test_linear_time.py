"""The time of analysis grows linearly with a text, whatever it repeats."""

from __future__ import annotations

import time

import pytest
import snowballstemmer
from hypothesis import given
from hypothesis import strategies as st

from memoryos_server.pii.detection import detect
from memoryos_server.search import text_analysis
from memoryos_server.stores.words import words_of
from memoryos_server.text.scanning import scan
from memoryos_server.text.stemming import has_stem
from memoryos_server.text.temporal_expressions import extract_dates, mentions_time

UNITS = (
    "DE89 3704 ",
    "192.168.1.1 ",
    "a.",
    "a@",
    "a.b@c.",
    "a[at]b[dot]",
    "+49 ",
    "0 ",
    "1",
    "4111 ",
    "a:",
    "://a",
    "12:",
    "may ",
    "a\u0301\u0316",
    "\ufdfa",
    "\u200d👩",
    "東京",
    "a-",
    "a'",
    " ",
    "[(",
    "aaaa",
)
SHORT, LONG = 25_000, 200_000


def analyze(text):
    detect(text)
    words_of(text)
    text_analysis.encode_terms(text)
    mentions_time(text)
    extract_dates(text)


@pytest.mark.parametrize("unit", UNITS)
def test_the_time_grows_linearly_with_the_text(unit):
    """Of quadratic time, eight times the text takes 64 times as much."""
    times = []
    for size in (SHORT, LONG):
        text = unit * (size // len(unit))
        started = time.process_time()
        analyze(text)
        times.append(time.process_time() - started)
    assert times[1] < 24 * max(times[0], 0.01)


def test_a_text_of_many_distinct_words_is_stemmed_in_part(monkeypatch):
    stemmed = []
    monkeypatch.setattr(text_analysis, "stem", lambda word: stemmed.append(word) or word)
    monkeypatch.setattr(text_analysis, "MAX_STEMMED_WORDS", 100)
    text = " ".join(f"{chr(97 + number // 26)}{chr(97 + number % 26)}s" for number in range(500))
    assert len(text_analysis.encode_terms(text)) == 500 * text_analysis.TERM_BYTES
    assert len(stemmed) == 100


LETTERS = "abcdefghijklmnopqrstuvwxyz'0é_"


@given(st.text(st.sampled_from(LETTERS), min_size=1, max_size=64))
def test_a_word_without_a_suffix_is_its_own_stem(word):
    if not has_stem(word) and not word.startswith("'"):
        assert snowballstemmer.stemmer("english").stemWord(word) == word


@given(st.text(st.sampled_from("ab 1"), max_size=60), st.integers(1, 2000))
def test_scanning_in_steps_finds_the_same_matches(text, times):
    import re

    pattern = re.compile(r"(?<!a)[b1](?:b ?){0,20}(?![ab])")
    whole = text * times
    expected = [match.span() for match in pattern.finditer(whole)]
    assert [match.span() for match in scan(pattern, whole)] == expected
