"""Personal data, measured: the labelled texts of benchmarks/pii, and a floor for each kind."""

from __future__ import annotations

import re
import sys
from collections import Counter
from pathlib import Path

import pytest

from memoryos_server.pii.detection import PII_KINDS

REPOSITORY = Path(__file__).resolve().parents[3]
if str(REPOSITORY) not in sys.path:
    sys.path.append(str(REPOSITORY))

from benchmarks.pii.__main__ import DOCUMENT, NAME, report
from benchmarks.pii.measure import SPLITS, Counts, counts, texts

LEAST_PRECISION = {**dict.fromkeys(PII_KINDS, 0.98), "ip_address": 0.9}
LEAST_RECALL = {**dict.fromkeys(PII_KINDS, 0.98), "phone": 0.9}


@pytest.mark.parametrize("split", SPLITS)
@pytest.mark.parametrize("kind", PII_KINDS)
def test_each_kind_is_found_as_well_as_is_promised(kind, split):
    """In the texts that the rules were written with, and in those that they were not."""
    measured = counts(texts(split))[kind]
    assert measured.precision >= LEAST_PRECISION[kind]
    assert measured.recall >= LEAST_RECALL[kind]


def test_the_documentation_has_the_figures_of_this_code():
    """Where this fails: run `python -m benchmarks.pii --write`."""
    document = DOCUMENT.read_text(encoding="utf-8")
    written = document.partition(f"<!-- written by {NAME}: begin -->")[2]
    assert written.partition(f"<!-- written by {NAME}: end -->")[0].strip() == report()


def test_the_texts_are_many_and_varied():
    """Each once, from many places, with every kind in both sets and much that holds nothing."""
    every = texts()
    assert len(every) >= 250
    assert len({text.text for text in every}) == len(every)
    assert len({text.locale for text in every}) >= 25
    for split in SPLITS:
        held = Counter(kind for text in texts(split) for kind in text.kinds)
        assert set(held) == set(PII_KINDS)
        assert min(held.values()) >= 10
        assert sum(not text.kinds for text in texts(split)) >= 50
    assert all(re.fullmatch(r"[a-z]{2}-[A-Z]{2}", text.locale) for text in every)


def test_what_is_counted_is_what_is_labelled():
    """A finder that finds everything, or nothing, is measured as what it is."""
    everything = counts(texts(), lambda _text: PII_KINDS)["iban"]
    assert everything.missed == 0
    assert everything.precision < 0.2
    nothing = counts(texts(), lambda _text: ())["iban"]
    assert (nothing.found, nothing.wrong, nothing.recall) == (0, 0, 0.0)
    assert Counts(3, 1, 2).precision == 0.75
    assert Counts(3, 1, 2).recall == 0.6
