"""Stemming: reduce words to their stems, so that `prefers` matches `preferences`."""

from __future__ import annotations

import threading
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["has_stem", "stem"]

_CACHED_WORDS = 65_536

MAX_STEMMED_CHARACTERS = 64
"""Length up to which words are stemmed; longer strings are not words of a language."""

# The last letters of all suffixes that the stemmer removes or replaces.
_LAST_LETTERS_OF_SUFFIXES = frozenset("cdegilmnrsty'")


@lru_cache(maxsize=_CACHED_WORDS)
def stem(word: str) -> str:
    """Return the stem of an English word in lower case.

    Words of other languages are mostly returned unchanged.
    """
    return _stemmer.stem(word) if has_stem(word) else word


def has_stem(word: str) -> bool:
    """Return whether the stem of a word may differ from it, without the time that `stem` takes."""
    return word[-1:] in _LAST_LETTERS_OF_SUFFIXES and len(word) <= MAX_STEMMED_CHARACTERS


class _Stemmer(threading.local):
    """A stemmer for each thread: snowballstemmer keeps the word that it works on in itself."""

    @cached_property
    def stem(self) -> Callable[[str], str]:
        import snowballstemmer

        stem_word: Callable[[str], str] = snowballstemmer.stemmer("english").stemWord
        return stem_word


_stemmer = _Stemmer()
