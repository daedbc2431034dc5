"""Words without their endings, so that `preferences` is found where `prefers` was asked for."""

from __future__ import annotations

from functools import cache, lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["stem"]

_REMEMBERED_WORDS = 65_536
_LONGEST = 64
"""A longer run of characters is no word of a language; it is taken as it is."""


@lru_cache(maxsize=_REMEMBERED_WORDS)
def stem(word: str) -> str:
    """Return the stem of an English word, given in lower case; any other word mostly as it is."""
    return word if word.isdecimal() or len(word) > _LONGEST else _stemmer()(word)


@cache
def _stemmer() -> Callable[[str], str]:
    import snowballstemmer

    stem_word: Callable[[str], str] = snowballstemmer.stemmer("english").stemWord
    return stem_word
