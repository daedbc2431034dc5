"""Stemming: the same stems from any number of threads."""

from __future__ import annotations

import itertools
import sys
from concurrent.futures import ThreadPoolExecutor

import pytest

from memoryos_server.text.stemming import stem

pytestmark = pytest.mark.local_server

THREADS = 8
BEGINNINGS = ("".join(letters) for letters in itertools.product("bdfgklmp", "aeiou", "bdfgklmp"))
ENDINGS = ("ational", "fulness", "izations", "ingly", "iveness", "ously", "ities", "ement")
WORDS = [beginning + ending for beginning in BEGINNINGS for ending in ENDINGS]


@pytest.fixture
def often_switching():
    """Make the interpreter switch threads after a few instructions."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(before)


def test_threads_do_not_disturb_each_other(often_switching):
    """Words that several threads stem at once have the stems that one thread finds."""
    stem.cache_clear()
    expected = [stem(word) for word in WORDS]
    orders = [WORDS[start:] + WORDS[:start] for start in range(THREADS)]
    stem.cache_clear()
    with ThreadPoolExecutor(THREADS) as pool:
        found = list(pool.map(lambda words: [stem(word) for word in words], orders))
    for start, stems in enumerate(found):
        assert stems == expected[start:] + expected[:start]
    stem.cache_clear()
