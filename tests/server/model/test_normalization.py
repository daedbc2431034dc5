"""Normalization gives what unicodedata gives, in linear time."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from memoryos_server.model import normalization
from memoryos_server.model.integrity import integrity_hash
from memoryos_server.model.metadata import tag_name
from memoryos_server.model.normalization import normalize
from memoryos_server.text.folding import fold
from tests.server.text.work import CountedUnicodeData

# Marks of several classes, letters that consist of marks, and half-width marks.
CHARACTERS = (
    "ae\u0301\u0316\u0327\u0344\u0345\u0f73\u0f71\u0f72\uff9e\u3099\u094d\u0915\uac00\ufb2a"
)


@given(st.text(st.sampled_from(CHARACTERS), max_size=200) | st.text(), st.integers(1, 60))
@example("a\u0301\u0316", 40)
@example("\u0f73", 40)
@example("\u0301\uff9e", 40)
@pytest.mark.parametrize("form", ["NFC", "NFD", "NFKC", "NFKD"])
def test_the_form_is_that_of_unicodedata(form, text, times):
    assert normalize(form, text * times) == unicodedata.normalize(form, text * times)


@pytest.mark.parametrize("unit", ["\u0301\u0316", "\u0f73", "\uff9e\u0301", "\u0344\u0316"])
@pytest.mark.parametrize("function", [integrity_hash, tag_name, fold])
def test_the_steps_grow_linearly_with_a_run_of_marks(unit, function, monkeypatch):
    """Of an insertion sort, eight times the text would take 64 times as many."""
    counted = CountedUnicodeData()
    monkeypatch.setattr(normalization, "unicodedata", counted)
    steps = []
    for count in (1_000, 8_000):
        counted.steps = 0
        function("a" + unit * count)
        steps.append(counted.steps)
    assert 0 < steps[1] <= 8 * steps[0]
