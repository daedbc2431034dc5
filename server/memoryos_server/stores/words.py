"""The words by which the stores find texts, the same in all stores.

A text is indexed by its smallest parts in their order, so that a phrase finds a name, also within a
sentence of a script without spaces; behind them by the pairs and compounds that queries consist of.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from memoryos_server.text.stemming import has_stem, stem
from memoryos_server.text.words import pieces_and_others_in, pieces_in

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = [
    "MAX_NAME_WORDS_PER_SEARCH",
    "MAX_PHRASE_WORDS",
    "Phrase",
    "limit_names",
    "phrase_of",
    "phrases_of",
    "term_of",
    "words_of",
]

Phrase = tuple[str, ...]
"""Terms that follow each other."""

MAX_PHRASE_WORDS = 8
"""Number of words of a phrase that a store looks for, to bound the positions that it compares."""

MAX_NAME_WORDS_PER_SEARCH = 512
"""Number of words of the names of all entities of a search; see `limit_names`."""

MAX_STEMMED_WORDS = 50_000
"""Number of distinct words of a text that are stemmed; further ones are indexed as they are.

Stemming is slow, and no ordinary text of the maximum size has as many words.
"""

# An index entry has at most 2704 bytes, so a longer word is replaced by a prefix and a hash.
_MAX_WORD_CHARACTERS = 256
_PREFIX_CHARACTERS = 64


def words_of(text: str) -> list[str]:
    """Return the terms by which `text` is indexed: the pieces in their order, then its others."""
    pieces, others = pieces_and_others_in(text)
    words = pieces + others
    terms: dict[str, str] = {}
    remaining = MAX_STEMMED_WORDS
    for word in dict.fromkeys(words):
        is_stemmed = remaining > 0 and has_stem(word)
        remaining -= is_stemmed
        terms[word] = term_of(word) if is_stemmed else _shorten(word)
    return [terms[word] for word in words]


def term_of(word: str) -> str:
    """Return the term of a word of `words_in`."""
    return _shorten(stem(word))


def phrase_of(name: str) -> Phrase:
    """Return the terms of the first words of a name, at most `MAX_PHRASE_WORDS`."""
    return tuple(map(term_of, pieces_in(name)[:MAX_PHRASE_WORDS]))


def phrases_of(names: Iterable[str]) -> list[Phrase]:
    """Return the distinct phrases of `names`, without empty ones."""
    return [phrase for phrase in dict.fromkeys(map(phrase_of, names)) if phrase]


def limit_names(names: Iterable[str], *, entity_count: int) -> tuple[str, ...]:
    """Return the first names of an entity, as many as one search looks for.

    Args:
        names: The name and the aliases of the entity.
        entity_count: Number of entities in the search, which share the words evenly.
    """
    remaining = max(MAX_NAME_WORDS_PER_SEARCH // entity_count, MAX_PHRASE_WORDS)
    limited: list[str] = []
    for name in names:
        remaining -= max(len(phrase_of(name)), 1)
        if remaining < 0:
            break
        limited.append(name)
    return tuple(limited)


def _shorten(word: str) -> str:
    if len(word) <= _MAX_WORD_CHARACTERS:
        return word
    return f"{word[:_PREFIX_CHARACTERS]}{hashlib.sha256(word.encode()).hexdigest()}"
