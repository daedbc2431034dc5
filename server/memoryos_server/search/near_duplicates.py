"""Near-duplicate detection, so that a context doesn't repeat a memory."""

from __future__ import annotations

import re

__all__ = ["NearDuplicates"]

MIN_JACCARD_SIMILARITY = 0.9
"""Jaccard similarity of the word sets from which two texts are near-duplicates."""

_WORD = re.compile(r"\w+")

# A difference in one of these words changes the meaning of a text.
_NEGATIONS = frozenset(["no", "not", "never", "none", "nor", "neither", "without", "cannot", "t"])


class NearDuplicates:
    """A set of texts that contains their near-duplicates as well."""

    def __init__(self) -> None:
        self._word_sets: set[frozenset[str]] = set()
        self._long_texts: list[frozenset[str]] = []

    def add(self, text: str) -> None:
        """Add a text."""
        words = _words(text)
        self._word_sets.add(words)
        if _can_differ(words):
            self._long_texts.append(words)

    def __contains__(self, text: object) -> bool:
        """Return whether a text with nearly the same words was added."""
        words = _words(str(text))
        if words in self._word_sets:
            return True
        return _can_differ(words) and any(_is_near(words, other) for other in self._long_texts)


def _words(text: str) -> frozenset[str]:
    return frozenset(_WORD.findall(text.casefold())) or frozenset([text.strip()])


def _can_differ(words: frozenset[str]) -> bool:
    """Return whether a set of this size has near-duplicates besides itself."""
    return len(words) >= (len(words) + 1) * MIN_JACCARD_SIMILARITY


def _is_near(words: frozenset[str], other: frozenset[str]) -> bool:
    # The intersection is the expensive part; the size of the union follows from it.
    shared = len(words & other)
    if shared < MIN_JACCARD_SIMILARITY * (len(words) + len(other) - shared):
        return False
    return not any(_changes_meaning(word) for word in words ^ other)


def _changes_meaning(word: str) -> bool:
    return word in _NEGATIONS or any(character.isdigit() for character in word)
