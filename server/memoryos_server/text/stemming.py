"""Stemming: reduce words to their stems, so that `prefers` matches `preferences`.

The stem of a word depends on nothing else, so that a question and a text have stems in common
whatever their language is taken for: the script of a word chooses the stemmer. Words in Latin
letters are stemmed as English; what other languages inflect is found by `words.grams_of`.
"""

from __future__ import annotations

import threading
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["has_stem", "stem"]

_CACHED_WORDS = 65_536

MAX_STEMMED_CHARACTERS = 64
"""Length up to which words are stemmed; longer strings are not words of a language."""

# The last letters of all suffixes that the English stemmer removes or replaces.
_LAST_LETTERS_OF_SUFFIXES = frozenset("cdegilmnrsty'")
# The stemmer of snowball for the letters between these.
_SCRIPTS = (
    ("\u0370", "\u03ff", "greek"),
    ("\u0400", "\u04ff", "russian"),
    ("\u0530", "\u058f", "armenian"),
    ("\u0600", "\u06ff", "arabic"),
    ("\u0900", "\u097f", "hindi"),
    ("\u0b80", "\u0bff", "tamil"),
)


@lru_cache(maxsize=_CACHED_WORDS)
def stem(word: str) -> str:
    """Return the stem of a word of `words_in`, or the word itself."""
    language = _language(word)
    return _stemmers.of(language)(word) if language else word


def has_stem(word: str) -> bool:
    """Return whether the stem of a word may differ from it, without the time that `stem` takes."""
    return _language(word) is not None


def _language(word: str) -> str | None:
    if len(word) > MAX_STEMMED_CHARACTERS:
        return None
    if word[-1:] in _LAST_LETTERS_OF_SUFFIXES:
        return "english"
    if word.isascii():
        return None
    languages = (name for first, last, name in _SCRIPTS if first <= word[0] <= last)
    return next(languages, None)


class _Stemmers(threading.local):
    """The stemmers of a thread: snowballstemmer keeps the word that it works on in itself."""

    def __init__(self) -> None:
        self._known: dict[str, Callable[[str], str]] = {}

    def of(self, language: str) -> Callable[[str], str]:
        known = self._known.get(language)
        if known is None:
            import snowballstemmer

            known = self._known[language] = snowballstemmer.stemmer(language).stemWord
        return known


_stemmers = _Stemmers()
