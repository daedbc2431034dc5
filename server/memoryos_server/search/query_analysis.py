"""Query analysis: the terms that a query looks for."""

from __future__ import annotations

from typing import NamedTuple

from memoryos_server.text.languages import language_of
from memoryos_server.text.query_words import split_query_words
from memoryos_server.text.stemming import stem
from memoryos_server.text.time_questions import parse_query_time
from memoryos_server.text.words import grams_of, words_in

from .terms import (
    FREQUENCIES,
    date_term,
    frequency_term,
    gram_term,
    speaker_term,
    time_term,
    word_term,
)

__all__ = ["QueryTerms", "QueryWord", "analyze_query"]

MAX_GRAMS = 512
"""Number of parts of words that are searched."""

_MAX_NAMES = 64


class QueryWord(NamedTuple):
    """A word of a query.

    Attributes:
        text: The word.
        term: Its term.
        frequency_terms: The terms of texts that contain it often; see `terms.FREQUENCIES`.
    """

    text: str
    term: int
    frequency_terms: tuple[int, ...]

    @classmethod
    def of(cls, word: str) -> QueryWord:
        """Return a word of `words_in` with its terms."""
        one = stem(word)
        frequent = tuple(frequency_term(one, least) for least in FREQUENCIES)
        return cls(word, word_term(one), frequent)


class QueryTerms(NamedTuple):
    """The terms of a query.

    Attributes:
        words: Its words with distinct terms, without function words if it has others.
        functional: Its other words.
        grams: Terms of the parts of its words.
        speakers: Terms of messages by speakers whose name occurs in the query.
        months: Terms of the months in the query.
        date_parts: Terms of the days and years of these months.
        times: Terms of texts that mention a time of a kind that the query asks for.
        language: The language of the query, or "" if that is unclear.
    """

    words: tuple[QueryWord, ...] = ()
    functional: tuple[QueryWord, ...] = ()
    grams: tuple[int, ...] = ()
    speakers: tuple[int, ...] = ()
    months: tuple[int, ...] = ()
    date_parts: tuple[int, ...] = ()
    times: tuple[int, ...] = ()
    language: str = ""


def analyze_query(query: str | None) -> QueryTerms:
    """Return the terms of a query, none for None."""
    if query is None:
        return QueryTerms()
    informative, functional = split_query_words(query)
    words = {one.term: one for one in map(QueryWord.of, informative or functional)}
    others = {one.term: one for one in map(QueryWord.of, functional) if one.term not in words}
    grams = (gram for word in (*informative, *functional) for gram in grams_of(word))
    names = dict.fromkeys(words_in(query))
    time = parse_query_time(query)
    return QueryTerms(
        words=tuple(words.values()),
        functional=tuple(others.values()),
        grams=tuple(dict.fromkeys(map(gram_term, grams)))[:MAX_GRAMS],
        speakers=tuple(map(speaker_term, names))[:_MAX_NAMES],
        months=tuple(map(date_term, time.months)),
        date_parts=tuple(map(date_term, time.parts)),
        times=tuple(map(time_term, sorted(time.asks_for))),
        language=language_of(query),
    )
