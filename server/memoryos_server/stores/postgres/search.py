"""Search by meaning, words and conversation in PostgreSQL.

`memoryos_server.search.features` ranks the candidates, in both stores alike. Here it is decided
which memories are looked at: all of an owner who has few; of one who has many, those
whose vectors are nearest by the index, those that hold rare words of the query, the lines around
all of these in their conversations, and all that the filters leave, where these are few.
"""

# ruff: noqa: S608 - only constants of this package are put into the SQL, values are parameters

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from memoryos_server.search.feature_scores import FeatureScorer, TermStatistics
from memoryos_server.search.index.memory_index import best, top

from . import text_search, vectors
from .candidate_set import CandidateSet, Columns
from .conditions import condition, has_filters, without_filters
from .vector_index import MAX_MEMORIES_COMPARED_IN_FULL

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray
    from psycopg import Connection, Cursor

    from memoryos_server.model.records import Selection
    from memoryos_server.search.index.memory_index import AnalyzedQuery, Hits


__all__ = ["MAX_MEMORIES_COMPARED_IN_FULL", "find", "rank"]

SEED_MEMORIES = 256
"""How many of many are looked at with the lines around them."""

# Twice as far as a line counts for another one: those around the seeds have lines around them.
_NEIGHBOURS_EACH_SIDE = 8

_SEEN = "owner = %s AND (expires_at IS NULL OR expires_at > %s)"
# One row with all values of a column in one string, which NumPy reads at once: a row per memory
# takes ten times as long to decode. The 10,000 longest contents have 0.7 GB of terms, and a string
# has at most 1 GB.
_CANDIDATES = f"""
  SELECT string_agg(int8send(number), ''),
    string_agg(float8send(-(vector <#> (SELECT %s::vector))), ''),
    string_agg(int8send(thread), ''),
    string_agg(int8send(created), ''),
    string_agg(int4send(length(terms)), ''),
    string_agg(terms, '')
  FROM memoryos.vectors WHERE {_SEEN}
"""
_NUMBERS = "SELECT string_agg(int8send(memories.number), '') FROM memoryos.memories WHERE"
_AROUND = f"""
  SELECT DISTINCT near.number FROM memoryos.vectors AS line JOIN LATERAL (
    (SELECT number FROM memoryos.vectors
     WHERE {_SEEN} AND thread = line.thread AND number > line.number
     ORDER BY number LIMIT {_NEIGHBOURS_EACH_SIDE})
    UNION ALL
    (SELECT number FROM memoryos.vectors
     WHERE {_SEEN} AND thread = line.thread AND number < line.number
     ORDER BY number DESC LIMIT {_NEIGHBOURS_EACH_SIDE})
  ) AS near ON true
  WHERE line.owner = %s AND line.number = ANY(%s::bigint[]) AND line.thread <> 0
"""


class Found(NamedTuple):
    """What PostgreSQL is asked about the memories to look at, not yet answered.

    Attributes:
        candidates: what there is to know of them, in one row.
        wanted: the numbers of those that are selected, in one row; None for all.
        related: the numbers of those that count as neighbours in conversations; None for all.
        known: what the words of the query tell, if not all memories are looked at.
    """

    candidates: Cursor[tuple[Any, ...]]
    wanted: Cursor[tuple[Any, ...]] | None
    related: Cursor[tuple[Any, ...]] | None
    known: TermStatistics | None = None


def find(
    connection: Connection[tuple[Any, ...]],
    selection: Selection,
    query: AnalyzedQuery,
    count: int,
    *,
    is_many: bool,
) -> Found:
    """Ask for the memories to look at.

    Args:
        connection: in a transaction for reading, of one moment.
        selection: which memories.
        query: what is looked for.
        count: how many at most.
        is_many: whether the owner has more memories than are compared in full.
    """
    if not is_many:
        return _ask(connection, selection, query)
    total = vectors.count_by_owner(connection, selection.owner, selection.now)
    statistics = text_search.term_statistics(
        connection, selection, query.texts, total=total, count=SEED_MEMORIES
    )
    numbers = {*statistics.numbers, *_nearest(connection, selection, query, count)}
    numbers.update(_around(connection, selection, numbers))
    found = _ask(connection, selection, query, [*numbers])
    return found._replace(known=TermStatistics(total, statistics.holding))


def rank(found: Found, query: AnalyzedQuery, count: int) -> Hits:
    """Return the selected memories that the most speaks for, at most `count`, best first."""
    row = found.candidates.fetchone()
    candidates = CandidateSet(Columns(*(value or b"" for value in row or ())), query)
    wanted = _chosen(candidates, found.wanted)
    related = None if found.related is None else _chosen(candidates, found.related)
    scoring = FeatureScorer(candidates, query, None, found.known, related)
    if found.known is None:
        rows: NDArray[np.intp] = np.flatnonzero(wanted)
    else:
        rows = _promising(scoring, wanted, count)
    return best(scoring, rows, candidates.numbers[rows], count)


def _promising(scoring: FeatureScorer, wanted: NDArray[np.bool_], count: int) -> NDArray[np.intp]:
    """Return the wanted rows that are the best by themselves, and those around the best of all."""
    own = scoring.own_scores()
    around = scoring.affected_rows(top(own, SEED_MEMORIES))
    own[~wanted] = -np.inf
    rows = np.union1d(top(own, count), around)
    return rows[wanted[rows]]


def _nearest(
    connection: Connection[tuple[Any, ...]],
    selection: Selection,
    query: AnalyzedQuery,
    count: int,
) -> set[int]:
    """Return the numbers of memories whose vectors are nearest, and of all selected ones if few."""
    most = max(count, SEED_MEMORIES)
    found = {*vectors.nearest(connection, without_filters(selection), query.vector, most)}
    if has_filters(selection):
        few = _few(connection, selection)
        found.update(few or vectors.nearest(connection, selection, query.vector, most))
    return found


def _few(connection: Connection[tuple[Any, ...]], selection: Selection) -> list[int]:
    """Return the numbers of the selected memories; none where they are many."""
    where, values = condition(selection)
    rows = connection.execute(
        f"SELECT number FROM memoryos.memories WHERE {where} LIMIT %s",
        [*values, MAX_MEMORIES_COMPARED_IN_FULL + 1],
    )
    numbers = [row[0] for row in rows]
    return numbers if len(numbers) <= MAX_MEMORIES_COMPARED_IN_FULL else []


def _around(
    connection: Connection[tuple[Any, ...]], selection: Selection, numbers: Iterable[int]
) -> list[int]:
    """Return the numbers of the lines around these, in their conversations."""
    seen = (selection.owner, selection.now)
    rows = connection.execute(_AROUND, (*seen, *seen, selection.owner, list(numbers)))
    return [row[0] for row in rows]


def _ask(
    connection: Connection[tuple[Any, ...]],
    selection: Selection,
    query: AnalyzedQuery,
    numbers: list[int] | None = None,
) -> Found:
    """Ask for the memories of an owner; for all, or for those with these numbers."""
    chosen = "" if numbers is None else "AND number = ANY(%s::bigint[])"
    values = [query.vector, selection.owner, selection.now]
    among = [] if numbers is None else [numbers]
    candidates = connection.execute(f"{_CANDIDATES} {chosen}", [*values, *among], binary=True)
    wanted, related = (
        _ask_numbers(connection, each, among) for each in (selection, selection.scope)
    )
    return Found(candidates, wanted, related)


def _ask_numbers(
    connection: Connection[tuple[Any, ...]], selection: Selection, among: list[list[int]]
) -> Cursor[tuple[Any, ...]] | None:
    """Ask for the numbers of the selected memories; None if all are selected."""
    if not has_filters(selection):
        return None
    where, values = condition(selection)
    chosen = "AND memories.number = ANY(%s::bigint[])" if among else ""
    return connection.execute(f"{_NUMBERS} {where} {chosen}", [*values, *among], binary=True)


def _chosen(candidates: CandidateSet, numbers: Cursor[tuple[Any, ...]] | None) -> NDArray[np.bool_]:
    """Return which rows of the candidates have one of the numbers."""
    if numbers is None:
        return np.ones(len(candidates), np.bool_)
    (packed,) = numbers.fetchone() or (None,)
    return np.isin(candidates.numbers, np.frombuffer(packed or b"", ">i8"))
