"""The work of analysis grows linearly with a text, whatever it repeats."""

from __future__ import annotations

import re

import pytest
import snowballstemmer
from hypothesis import given
from hypothesis import strategies as st

from memoryos_server.model import normalization
from memoryos_server.pii import detection, phone_numbers
from memoryos_server.pii.detection import detect
from memoryos_server.search import text_analysis
from memoryos_server.stores import words
from memoryos_server.stores.words import words_of
from memoryos_server.text import folding, scanning, temporal_expressions, time_mentions
from memoryos_server.text import words as text_words
from memoryos_server.text.scanning import MAX_MATCH_CHARACTERS, scan
from memoryos_server.text.stemming import has_stem
from memoryos_server.text.temporal_expressions import extract_dates
from memoryos_server.text.time_mentions import time_kinds
from memoryos_server.text.words import pieces_in, words_in

from .work import CountedUnicodeData, count_patterns, unbounded_repetitions

MODULES = (
    detection,
    phone_numbers,
    text_analysis,
    words,
    text_words,
    folding,
    temporal_expressions,
    time_mentions,
)

UNITS = (
    "DE89 3704 ",
    "192.168.1.1 ",
    "a.",
    "a@",
    "a.b@c.",
    "a@b.co ",
    "phone 1234567 ",
    "v1.2.3.4 ",
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
    "\u3316",
    "\u200d👩",
    "東京",
    "a-",
    "a'",
    " ",
    "[(",
    "aaaa",
)
STEP_CHARACTERS, STEPS, TIMES = 2048, 3, 8
MAX_CHARACTERS_PER_CHARACTER = 400


def analyze(text):
    detect(text)
    words_of(text)
    words_in(text)
    pieces_in(text)
    text_analysis.stems_of(words_in(text))
    time_kinds(text)
    extract_dates(text)


@pytest.mark.parametrize("unit", UNITS)
def test_the_work_grows_linearly_with_the_text(unit, monkeypatch):
    """Of quadratic work, eight times the text would take 64 times as much."""
    work = count_patterns(monkeypatch, MODULES)
    normalizer = CountedUnicodeData()
    monkeypatch.setattr(normalization, "unicodedata", normalizer)
    monkeypatch.setattr(scanning, "_STEP_CHARACTERS", STEP_CHARACTERS)
    short = STEPS * STEP_CHARACTERS
    sums = []
    for size in (short, TIMES * short):
        work.clear()
        normalizer.steps = 0
        analyze(unit * (size // len(unit)))
        sums.append((sum(work), normalizer.steps, len(work)))
    for few, many in zip(*sums, strict=True):
        assert many <= 1.5 * TIMES * few
    assert sums[1][0] < MAX_CHARACTERS_PER_CHARACTER * TIMES * short


def test_a_pattern_that_scans_texts_has_no_unbounded_repetition(monkeypatch):
    """From each character it looks at a limited number of others, so its work is linear."""
    scanned = set()

    def recorded(pattern, text):
        scanned.add(pattern)
        return scan(pattern, text)

    for module in (detection, phone_numbers, time_mentions, text_words):
        monkeypatch.setattr(module, "scan", recorded)
    analyze("nothing to mask")
    assert len(scanned) > 10
    for pattern in scanned:
        assert unbounded_repetitions(pattern) == 0, pattern
    assert unbounded_repetitions(re.compile(r"a(?=b(?:cd*)?)e{2,3}")) == 1


@pytest.mark.parametrize("length", [10, 3 * 16_384])
def test_a_scan_gives_each_part_of_a_text_to_the_pattern_once(length, monkeypatch):
    """Besides the characters after each step that a match may reach into."""
    given = []

    class Pattern:
        def finditer(self, text, start=0, end=length):
            given.append((start, min(end, len(text))))
            return re.finditer("x", text[start:end])

    assert not list(scan(Pattern(), "a" * length))
    steps = -(-length // scanning._STEP_CHARACTERS)
    assert sum(end - start for start, end in given) <= length + steps * MAX_MATCH_CHARACTERS


def test_a_text_of_many_distinct_words_is_stemmed_in_part(monkeypatch):
    stemmed = []
    monkeypatch.setattr(text_analysis, "stem", lambda word: stemmed.append(word) or word)
    monkeypatch.setattr(text_analysis, "MAX_STEMMED_WORDS", 100)
    text = " ".join(f"{chr(97 + number // 26)}{chr(97 + number % 26)}s" for number in range(500))
    assert len(text_analysis.stems_of(words_in(text))) == 500
    assert len(stemmed) == 100


LETTERS = "abcdefghijklmnopqrstuvwxyz'0é_"


@given(st.text(st.sampled_from(LETTERS), min_size=1, max_size=64))
def test_a_word_without_a_suffix_is_its_own_stem(word):
    if not has_stem(word) and not word.startswith("'"):
        assert snowballstemmer.stemmer("english").stemWord(word) == word


@given(st.text(st.sampled_from("ab 1"), max_size=60), st.integers(1, 2000))
def test_scanning_in_steps_finds_the_same_matches(text, times):
    pattern = re.compile(r"(?<!a)[b1](?:b ?){0,20}(?![ab])")
    whole = text * times
    expected = [match.span() for match in pattern.finditer(whole)]
    assert [match.span() for match in scan(pattern, whole)] == expected
