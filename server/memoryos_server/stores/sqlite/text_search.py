"""Lexical search in SQLite: FTS5 finds the words, and BM25 ranks the memories."""

# ruff: noqa: S608 - only constants of this package are put into the SQL, values are parameters

from __future__ import annotations

import heapq
from collections import Counter, defaultdict
from typing import TYPE_CHECKING, NamedTuple

from memoryos_server.search import bm25
from memoryos_server.search.protocols import WordHit
from memoryos_server.stores.words import term_of

from .column_types import from_time
from .conditions import condition, has_filters
from .full_text import OwnerTerms

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable, Sequence

    from memoryos_server.model.records import Selection

__all__ = ["match_words"]

_UNEXPIRED = "memories.owner = ? AND (expires_at IS NULL OR expires_at > ?)"
_STATISTICS = f"SELECT count(*), sum(word_count) FROM memories WHERE {_UNEXPIRED}"
_FREQUENCIES = "SELECT doc, count(*) AS frequency FROM memory_word_positions WHERE term = ?"
# CROSS JOIN fixes the order of the join; SQLite would otherwise read all of the owner's memories.
_WORD_HITS = f"""
  SELECT number, frequency, word_count FROM ({_FREQUENCIES} GROUP BY doc) AS hits
  CROSS JOIN memories ON memories.number = hits.doc WHERE {_UNEXPIRED}
"""


class _Hit(NamedTuple):
    number: int
    frequency: int
    length: int


def match_words(
    connection: sqlite3.Connection, selection: Selection, words: Sequence[str], count: int
) -> list[WordHit]:
    """Return the numbers of memories that contain any of `words`, best by BM25 first.

    Each number comes with how many of the words its memory contains.
    """
    statistics = _statistics(connection, selection)
    if statistics is None:
        return []
    scores: defaultdict[int, float] = defaultdict(float)
    matches: Counter[int] = Counter()
    for term in dict.fromkeys(map(term_of, words)):
        hits = _hits(connection, selection, term)
        weight = bm25.weight(len(hits), statistics.memory_count)
        for number, frequency, length in hits:
            scores[number] += bm25.score(weight, frequency, length, statistics.average_length)
        matches.update(hit.number for hit in hits)
    selected = _selected(connection, selection, scores)
    best = heapq.nlargest(count, selected, key=lambda number: (scores[number], number))
    return [WordHit(number, matches[number], scores[number]) for number in best]


def _statistics(connection: sqlite3.Connection, selection: Selection) -> bm25.TextStatistics | None:
    """Return the statistics of the owner's memories; None if they contain no words."""
    row = connection.execute(_STATISTICS, _owner_and_time(selection)).fetchone()
    memory_count, word_count = row
    return bm25.TextStatistics(memory_count, word_count / memory_count) if word_count else None


def _hits(connection: sqlite3.Connection, selection: Selection, term: str) -> list[_Hit]:
    """Return which of the owner's memories contain a term, and how often."""
    values = (OwnerTerms(selection.owner)(term), *_owner_and_time(selection))
    return [_Hit(*row) for row in connection.execute(_WORD_HITS, values)]


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
