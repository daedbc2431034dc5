"""Lexical search in SQLite: FTS5 finds the words, and BM25 ranks the memories."""

# ruff: noqa: S608 - only constants of this package are put into the SQL, values are parameters

from __future__ import annotations

import heapq
from collections import Counter, defaultdict
from typing import TYPE_CHECKING, NamedTuple

from memoryos_server.search import bm25
from memoryos_server.stores.words import phrase_of

from .column_types import from_time
from .conditions import condition, has_filters
from .full_text import OwnerTerms

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable, Sequence

    from memoryos_server.model.records import Selection
    from memoryos_server.stores.words import Phrase

__all__ = ["match_words"]

_UNEXPIRED = "memories.owner = ? AND (expires_at IS NULL OR expires_at > ?)"
_STATISTICS = f"SELECT count(*), sum(word_count) FROM memories WHERE {_UNEXPIRED}"
_FREQUENCIES = "SELECT doc, count(*) AS frequency FROM memory_word_positions WHERE term = ?"
# CROSS JOIN fixes the order of the join; SQLite would otherwise read all of the owner's memories.
_WORD_HITS = f"""
  SELECT number, frequency, word_count FROM ({_FREQUENCIES} GROUP BY doc) AS hits
  CROSS JOIN memories ON memories.number = hits.doc WHERE {_UNEXPIRED}
"""
_PHRASE_HITS = f"""
  SELECT number, word_count FROM memory_words
  CROSS JOIN memories ON memories.number = memory_words.rowid
  WHERE memory_words MATCH ? AND {_UNEXPIRED}
"""
_POSITIONS = "SELECT doc, offset FROM memory_word_positions WHERE term = ?"


class _Hit(NamedTuple):
    number: int
    frequency: int
    length: int


def match_words(
    connection: sqlite3.Connection, selection: Selection, words: Sequence[str], count: int
) -> list[tuple[int, int]]:
    """Return the numbers of memories that contain any of `words`, best by BM25 first.

    Each number comes with how many of the words its memory contains.
    """
    phrases = [phrase for phrase in map(phrase_of, words) if phrase]
    statistics = _statistics(connection, selection)
    if not phrases or statistics is None:
        return []
    scores: defaultdict[int, float] = defaultdict(float)
    matches: Counter[int] = Counter()
    for phrase in phrases:
        hits = _hits(connection, selection, phrase)
        weight = bm25.weight(len(hits), statistics.memory_count)
        for number, frequency, length in hits:
            scores[number] += bm25.score(weight, frequency, length, statistics.average_length)
        matches.update(hit.number for hit in hits)
    selected = _selected(connection, selection, scores)
    best = heapq.nlargest(count, selected, key=lambda number: (scores[number], number))
    return [(number, matches[number]) for number in best]


def _statistics(connection: sqlite3.Connection, selection: Selection) -> bm25.TextStatistics | None:
    """Return the statistics of the owner's memories; None if they contain no words."""
    row = connection.execute(_STATISTICS, _owner_and_time(selection)).fetchone()
    memory_count, word_count = row
    return bm25.TextStatistics(memory_count, word_count / memory_count) if word_count else None


def _hits(connection: sqlite3.Connection, selection: Selection, phrase: Phrase) -> list[_Hit]:
    """Return which of the owner's memories contain a phrase, and how often."""
    terms = OwnerTerms(selection.owner)
    if len(phrase) == 1:
        values = (terms(phrase[0]), *_owner_and_time(selection))
        return [_Hit(*row) for row in connection.execute(_WORD_HITS, values)]
    rows = connection.execute(
        _PHRASE_HITS, (terms.phrase(phrase), *_owner_and_time(selection))
    ).fetchall()
    frequencies = _phrase_frequencies(connection, list(map(terms, phrase)))
    return [_Hit(number, frequencies[number], length) for number, length in rows]


def _phrase_frequencies(connection: sqlite3.Connection, terms: Sequence[str]) -> Counter[int]:
    """Return how often each memory contains the terms one after the other."""
    starts: set[tuple[int, int]] | None = None
    for step, term in enumerate(terms):
        found = {(number, at - step) for number, at in connection.execute(_POSITIONS, (term,))}
        starts = found if starts is None else starts & found
    return Counter(number for number, _ in starts or ())


def _selected(
    connection: sqlite3.Connection, selection: Selection, numbers: Iterable[int]
) -> Iterable[int]:
    """Return those of the owner's unexpired memories that the filters select."""
    if not has_filters(selection):
        return numbers
    where, values = condition(selection)
    wanted = {
        row[0] for row in connection.execute(f"SELECT number FROM memories WHERE {where}", values)
    }
    return wanted.intersection(numbers)


def _owner_and_time(selection: Selection) -> tuple[str, int]:
    return selection.owner, from_time(selection.now)
