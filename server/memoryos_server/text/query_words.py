"""Query words: what a query asks about, apart from its function words."""

from __future__ import annotations

from typing import NamedTuple

from .folding import fold
from .function_words import function_words, without_function_phrases
from .languages import language_of
from .words import words_in

__all__ = ["MAX_QUERY_WORDS", "QueryWords", "query_words", "split_query_words"]

MAX_QUERY_WORDS = 192
"""Maximum number of words of a query that are searched; further ones are ignored."""


class QueryWords(NamedTuple):
    """The distinct words of a query, as `words_in` gives them, at most `MAX_QUERY_WORDS` each.

    Attributes:
        informative: The words that tell texts apart.
        functional: The function words of its language. They tell little: whose dog it is.
    """

    informative: tuple[str, ...]
    functional: tuple[str, ...]


def query_words(query: str) -> tuple[str, ...]:
    """Return the informative words of a query; if it has no others, its function words."""
    informative, functional = split_query_words(query)
    return informative or functional


def split_query_words(query: str) -> QueryWords:
    """Return the words of a query: the informative ones, and its function words."""
    folded = fold(query)
    words = words_in(query)
    known = function_words(language_of(query) or "en")
    rest = without_function_phrases(folded)
    kept = words if rest == folded else words_in(rest)
    informative = dict.fromkeys(word for word in kept if word not in known)
    functional = dict.fromkeys(word for word in words if word not in informative)
    return QueryWords(tuple(informative)[:MAX_QUERY_WORDS], tuple(functional)[:MAX_QUERY_WORDS])
