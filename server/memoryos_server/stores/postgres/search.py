"""Search by meaning, words and conversation in PostgreSQL.

`memoryos_server.search.features` ranks the candidates, in both stores alike. Here it is decided
which memories are looked at: all of an owner who has few; of one who has many, those
whose vectors are nearest by the index, those that hold rare words of the query, the lines around
all of these in their conversations, and all that the filters leave, where these are few.
"""

# ruff: noqa: S608 - only constants of this package are put into the SQL, values are parameters

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from memoryos_server.search.feature_scores import FeatureScorer, TermStatistics
from memoryos_server.search.index.memory_index import best, top

from . import text_search, vectors
from .candidate_set import CandidateSet, Columns
from .conditions import condition, has_filters, without_filters

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray
    from psycopg import Connection

    from memoryos_server.model.records import Selection
    from memoryos_server.search.index.memory_index import AnalyzedQuery, Hits


__all__ = ["MAX_MEMORIES_COMPARED_IN_FULL", "search"]

MAX_MEMORIES_COMPARED_IN_FULL = 10_000
"""How many memories of one owner are all looked at."""

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


def search(
    connection: Connection[tuple[Any, ...]],
    selection: Selection,
    query: AnalyzedQuery,
    count: int,
) -> Hits:
    """Return the selected memories that the most speaks for, at most `count`, best first.

    Args:
        connection: in a transaction for reading, of one moment.
        selection: which memories.
        query: what is looked for.
        count: how many at most.
    """
    if vectors.has_more_than(connection, selection.owner, MAX_MEMORIES_COMPARED_IN_FULL):
        return _among_many(connection, selection, query, count)
    candidates = CandidateSet(_read_candidates(connection, selection, query), query)
    wanted = _wanted(connection, selection, candidates)
    related = _related(connection, selection, candidates, wanted)
    scoring = FeatureScorer(candidates, query, None, related=related)
    rows = np.flatnonzero(wanted)
    return best(scoring, rows, candidates.numbers[rows], count)


def _among_many(
    connection: Connection[tuple[Any, ...]],
    selection: Selection,
    query: AnalyzedQuery,
    count: int,
) -> Hits:
    total = vectors.count_by_owner(connection, selection.owner, selection.now)
    statistics = text_search.term_statistics(
        connection, selection, query.texts, total=total, count=SEED_MEMORIES
    )
    numbers = {*statistics.numbers, *_nearest(connection, selection, query, count)}
    numbers.update(_around(connection, selection, numbers))
    candidates = CandidateSet(_read_candidates(connection, selection, query, numbers), query)
    known = TermStatistics(total, statistics.holding)
    wanted = _wanted(connection, selection, candidates)
    related = _related(connection, selection, candidates, wanted)
    scoring = FeatureScorer(candidates, query, None, known, related)
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


def _read_candidates(
    connection: Connection[tuple[Any, ...]],
    selection: Selection,
    query: AnalyzedQuery,
    numbers: Iterable[int] | None = None,
) -> Columns:
    """Return what there is to know of the memories of an owner; of all, or of these numbers."""
    chosen = "" if numbers is None else "AND number = ANY(%s::bigint[])"
    values = [query.vector, selection.owner, selection.now]
    if numbers is not None:
        values.append(list(numbers))
    row = connection.execute(f"{_CANDIDATES} {chosen}", values, binary=True).fetchone()
    return Columns(*(value or b"" for value in row or ()))


def _related(
    connection: Connection[tuple[Any, ...]],
    selection: Selection,
    candidates: CandidateSet,
    wanted: NDArray[np.bool_],
) -> NDArray[np.bool_] | None:
    """Return which rows of the candidates count as neighbours in conversations; None for all."""
    scope = selection.scope
    if not has_filters(scope):
        return None
    return wanted if scope == selection else _wanted(connection, scope, candidates)


def _wanted(
    connection: Connection[tuple[Any, ...]], selection: Selection, candidates: CandidateSet
) -> NDArray[np.bool_]:
    """Return which rows of the candidates are selected."""
    if not has_filters(selection):
        return np.ones(len(candidates), np.bool_)
    where, values = condition(selection)
    rows = connection.execute(
        f"SELECT number FROM memoryos.memories WHERE {where} AND number = ANY(%s::bigint[])",
        [*values, candidates.numbers.tolist()],
    )
    return np.isin(candidates.numbers, np.array([row[0] for row in rows], np.int64))
