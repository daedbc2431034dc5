"""Telling a text that repeats another one, so that a context spends no tokens on it twice."""

from __future__ import annotations

import re

__all__ = ["NearDuplicates"]

MIN_JACCARD_SIMILARITY = 0.9
"""The share of common words (Jaccard) from which two texts are near-duplicates."""

_WORD = re.compile(r"\w+")

# A single one of these turns a sentence into another one, however much the rest is alike.
_NEGATIONS = frozenset(["no", "not", "never", "none", "nor", "neither", "without", "cannot", "t"])


class NearDuplicates:
    """The texts seen so far, and whether one more would only repeat one of them."""

    def __init__(self) -> None:
        self._word_sets: set[frozenset[str]] = set()
        self._long_texts: list[frozenset[str]] = []

    def add(self, text: str) -> None:
        """Remember `text`."""
        words = _words(text)
        self._word_sets.add(words)
        if _can_differ(words):
            self._long_texts.append(words)

    def __contains__(self, text: object) -> bool:
        """Say whether `text` has the words of a text that was added, or nearly so."""
        words = _words(str(text))
        if words in self._word_sets:
            return True
        return _can_differ(words) and any(_is_near(words, other) for other in self._long_texts)


def _words(text: str) -> frozenset[str]:
    return frozenset(_WORD.findall(text.casefold())) or frozenset([text.strip()])


def _can_differ(words: frozenset[str]) -> bool:
    """Say whether a set with one word more or less could still be near enough."""
    return len(words) >= (len(words) + 1) * MIN_JACCARD_SIMILARITY


def _is_near(words: frozenset[str], other: frozenset[str]) -> bool:
    # To intersect two sets is what takes the time, so it is done once, and the union follows.
    shared = len(words & other)
    if shared < MIN_JACCARD_SIMILARITY * (len(words) + len(other) - shared):
        return False
    return not any(_changes_meaning(word) for word in words ^ other)


def _changes_meaning(word: str) -> bool:
    return word in _NEGATIONS or any(character.isdigit() for character in word)
