"""Every value that JSON can be decoded to is written so that it is read as the same value."""

from __future__ import annotations

import json
import tracemalloc

import pytest
from hypothesis import given
from hypothesis import strategies as st

from memoryos._protocol import lossless_json

from ..strategies import UNHURRIED

TEXTS = st.lists(st.sampled_from(["Infinity", "-", '"', "\\", "\n", "a", "\ud83d", "é"])).map(
    "".join
)
VALUES = st.recursive(
    TEXTS | st.sampled_from([float("inf"), float("-inf"), 1.5, None]),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS, inner, max_size=4),
    max_leaves=20,
)


def reject(constant):
    """Reject what Python reads as a number, but JSON doesn't contain."""
    raise AssertionError(f"{constant} is not JSON")


@given(VALUES, st.booleans())
@UNHURRIED
def test_any_value_is_read_as_it_was(value, spaced):
    """An infinity is a number that is too large for a double; a word in a string is left alone."""
    content = lossless_json.encode(value, spaced=spaced)
    assert json.loads(content, parse_constant=reject) == value


@pytest.mark.parametrize("character", ["\n", '"', "\\"])
def test_a_long_string_of_escapes_takes_little_memory(character):
    """A memory that a service returns may have many megabytes."""
    value = [character * 500_000, float("inf"), "Infinity"]
    tracemalloc.start()
    try:
        content = lossless_json.encode(value)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert json.loads(content, parse_constant=reject) == value
    assert peak < 8 * len(content)
