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
from .candidate_set import Frame, Line
from .conditions import condition, everyone, is_narrow

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray
    from psycopg import Connection

    from memoryos_server.model.records import Selection
    from memoryos_server.search.index.memory_index import AnalyzedQuery, Hits

    from .engines import Engine

__all__ = ["ALL_COMPARED_UP_TO", "search"]

ALL_COMPARED_UP_TO = 10_000
"""How many memories of one owner are all looked at."""

SEEDS = 256
"""How many of many are looked at with the lines around them."""

# Twice as far as a line counts for another one: those around the seeds have lines around them.
_REACH = 8

_SEEN = "owner = %s AND (expires_at IS NULL OR expires_at > %s)"
_LINES = f"""
  SELECT number, -(vector <#> %s::vector), thread, created, terms FROM memoryos.vectors
  WHERE {_SEEN}
"""
_AROUND = f"""
  SELECT DISTINCT near.number FROM memoryos.vectors AS line JOIN LATERAL (
    (SELECT number FROM memoryos.vectors
     WHERE {_SEEN} AND thread = line.thread AND number > line.number
     ORDER BY number LIMIT {_REACH})
    UNION ALL
    (SELECT number FROM memoryos.vectors
     WHERE {_SEEN} AND thread = line.thread AND number < line.number
     ORDER BY number DESC LIMIT {_REACH})
  ) AS near ON true
  WHERE line.number = ANY(%s::bigint[]) AND line.thread <> 0
"""


def search(
    connection: Connection[tuple[Any, ...]],
    engine: Engine,
    selection: Selection,
    probe: AnalyzedQuery,
    count: int,
) -> Hits:
    """Return the selected memories that the most speaks for, at most `count`, best first.

    Args:
        connection: in a transaction for reading, of one moment.
        engine: what runs the database.
        selection: which memories.
        probe: what is looked for.
        count: how many at most.
    """
    if vectors.are_more_than(connection, selection.owner, ALL_COMPARED_UP_TO):
        return _among_many(connection, engine, selection, probe, count)
    frame = Frame(_lines(connection, selection, probe), probe)
    rows = np.flatnonzero(_wanted(connection, selection, frame))
    return best(FeatureScorer(frame, probe, None), rows, frame.numbers[rows], count)


def _among_many(
    connection: Connection[tuple[Any, ...]],
    engine: Engine,
    selection: Selection,
    probe: AnalyzedQuery,
    count: int,
) -> Hits:
    total = vectors.number_of(connection, selection.owner)
    telling = text_search.telling(connection, selection, probe.texts, total=total, count=SEEDS)
    numbers = {*telling.numbers, *_nearest(connection, engine, selection, probe, count)}
    numbers.update(_around(connection, selection, numbers))
    frame = Frame(_lines(connection, selection, probe, numbers), probe)
    scoring = FeatureScorer(frame, probe, None, TermStatistics(total, telling.holding))
    rows = _promising(scoring, _wanted(connection, selection, frame), count)
    return best(scoring, rows, frame.numbers[rows], count)


def _promising(scoring: FeatureScorer, wanted: NDArray[np.bool_], count: int) -> NDArray[np.intp]:
    """Return the wanted rows that are the best by themselves, and those around the best of all."""
    own = scoring.own_scores()
    around = scoring.affected_rows(top(own, SEEDS))
    own[~wanted] = -np.inf
    rows = np.union1d(top(own, count), around)
    return rows[wanted[rows]]


def _nearest(
    connection: Connection[tuple[Any, ...]],
    engine: Engine,
    selection: Selection,
    probe: AnalyzedQuery,
    count: int,
) -> set[int]:
    """Return the numbers of memories whose vectors are nearest, and of all selected ones if few."""
    most = max(count, SEEDS)
    found = {*vectors.nearest(connection, engine, everyone(selection), probe.vector, most)}
    if is_narrow(selection):
        few = _few(connection, selection)
        found.update(few or vectors.nearest(connection, engine, selection, probe.vector, most))
    return found


def _few(connection: Connection[tuple[Any, ...]], selection: Selection) -> list[int]:
    """Return the numbers of the selected memories; none where they are many."""
    where, values = condition(selection)
    rows = connection.execute(
        f"SELECT number FROM memoryos.memories WHERE {where} LIMIT %s",
        [*values, ALL_COMPARED_UP_TO + 1],
    )
    numbers = [row[0] for row in rows]
    return numbers if len(numbers) <= ALL_COMPARED_UP_TO else []


def _around(
    connection: Connection[tuple[Any, ...]], selection: Selection, numbers: Iterable[int]
) -> list[int]:
    """Return the numbers of the lines around these, in their conversations."""
    seen = (selection.owner, selection.now)
    rows = connection.execute(_AROUND, (*seen, *seen, list(numbers)))
    return [row[0] for row in rows]


def _lines(
    connection: Connection[tuple[Any, ...]],
    selection: Selection,
    probe: AnalyzedQuery,
    numbers: Iterable[int] | None = None,
) -> list[Line]:
    """Return what there is to know of the memories of an owner; of all, or of these numbers."""
    chosen = "" if numbers is None else "AND number = ANY(%s::bigint[])"
    values = [vectors.literal(probe.vector), selection.owner, selection.now]
    if numbers is not None:
        values.append(list(numbers))
    rows = connection.execute(f"{_LINES} {chosen}", values, binary=True)
    return [Line(*row) for row in rows]


def _wanted(
    connection: Connection[tuple[Any, ...]], selection: Selection, frame: Frame
) -> NDArray[np.bool_]:
    """Return which rows of the frame are selected."""
    if not is_narrow(selection):
        return np.ones(len(frame), np.bool_)
    where, values = condition(selection)
    rows = connection.execute(
        f"SELECT number FROM memoryos.memories WHERE {where} AND number = ANY(%s::bigint[])",
        [*values, frame.numbers.tolist()],
    )
    return np.isin(frame.numbers, np.array([row[0] for row in rows], np.int64))
