"""Passages of long search results."""

from __future__ import annotations

from memoryos._protocol.long_results import LONG_CHARACTERS, has_long, with_highlights

SHORT = {"id": "1", "content": "a" * (LONG_CHARACTERS - 1)}
LONG = {"id": "2", "content": "b" * LONG_CHARACTERS}


def test_a_result_is_long_by_its_content():
    assert not has_long([])
    assert not has_long([SHORT])
    assert has_long([SHORT, LONG])


def test_only_long_results_get_highlights_and_none_is_lost():
    """A memory that the second search did not find, or found no passage of, stays as it is."""
    other = {**LONG, "id": "3"}
    found = [{**SHORT, "highlights": ["a"]}, {**LONG, "highlights": ["b"]}]
    expected = [SHORT, {**LONG, "highlights": ["b"]}, other]
    assert with_highlights([SHORT, LONG, other], found) == expected
    assert with_highlights([LONG], [{**LONG, "highlights": []}, {"id": "9"}]) == [LONG]
