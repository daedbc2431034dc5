"""Texts for people: ages, spans, numbers, and what is kept from the terminal."""

from __future__ import annotations

from datetime import datetime, timezone

import pytest

from memoryos._cli.output import formatting

NOW = datetime(2026, 11, 22, 12, 0, 0, tzinfo=timezone.utc)


@pytest.mark.parametrize(
    ("timestamp", "said"),
    [
        ("2026-11-22T12:00:00Z", "now"),
        ("2026-11-22T11:59:15.5Z", "44 s ago"),
        ("2026-11-22T11:00:00.123456789Z", "60 min ago"),
        ("2026-11-22T09:00:00+00:00", "3 h ago"),
        ("2026-11-22T09:00:00", "3 h ago"),
        ("2026-11-22T11:59:60Z", "1 s ago"),
        ("2026-11-12T12:00:00Z", "10 d ago"),
        ("2020-11-12T12:00:00Z", "6 y ago"),
        ("2026-11-23T11:00:00Z", "in 23 h"),
        (None, "-"),
        ("some\x1bday", "some\ufffdday"),
    ],
)
def test_ages_are_said_in_their_largest_unit(timestamp, said):
    """Before and after now, and whatever form the time has."""
    assert formatting.age(timestamp, NOW) == said


def test_only_what_steers_a_terminal_is_replaced():
    """Emoji joined by joiners, accents, tabs and line ends stay."""
    kept = "👩\u200d🔬 é\u0301 \t\n 茶 \u00ad"
    assert formatting.clean(kept) == kept
    assert formatting.clean("\x1b[2J\x9b\x7f\u202e\r\ud800") == "\ufffd[2J" + "\ufffd" * 5


def test_texts_are_shortened_to_a_width():
    """With an ellipsis in it, and not at all where they fit."""
    assert formatting.truncate("abcdef", 6) == "abcdef"
    assert formatting.truncate("abcdef", 5) == "abcd…"
    assert formatting.truncate("abc def", 5) == "abc…"


def test_counts_have_their_nouns():
    """And their thousands apart."""
    counts = (
        formatting.plural(1, "memory", "memories"),
        formatting.plural(2000, "memory", "memories"),
    )
    assert counts == ("1 memory", "2,000 memories")


@pytest.mark.parametrize(
    ("part", "whole", "text"),
    [
        (0, 0, "0 %"),
        (0, 7, "0 %"),
        (1, 3, "33 %"),
        (2, 3, "67 %"),
        (1, 8, "13 %"),
        (1, 201, "<1 %"),
        (1, 200, "1 %"),
        (995, 1000, "99 %"),
        (10**18 - 1, 10**18, "99 %"),
        (7, 7, "100 %"),
    ],
)
def test_a_percentage_is_rounded_and_complete_only_at_the_end(part, whole, text):
    assert formatting.percent(part, whole) == text
