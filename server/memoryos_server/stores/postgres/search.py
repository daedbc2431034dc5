"""Search by meaning, words and conversation in PostgreSQL.

`memoryos_server.search.features` ranks the candidates, in both stores alike. All memories of an
owner who has few are candidates; of one who has many, what `candidates` finds, and the lines around
the best of these in their conversations.
"""

# ruff: noqa: S608 - only constants of this package are put into the SQL, values are parameters

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from memoryos_server.search.feature_scores import FeatureScorer, TermStatistics
from memoryos_server.search.index.memory_index import best, top

from . import candidates, number_arrays
from .candidate_set import CandidateSet, Columns
from .conditions import condition, has_filters
from .vector_index import MAX_MEMORIES_COMPARED_IN_FULL

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray
    from psycopg import Connection, Cursor

    from memoryos_server.model.records import Selection
    from memoryos_server.search.index.memory_index import AnalyzedQuery, Hits

    from .owner_statistics import OwnerStatistics

__all__ = ["MAX_MEMORIES_COMPARED_IN_FULL", "ask", "find", "rank"]

_SEEDS = 128
"""Around how many of the best of many the lines of their conversations are looked at."""

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
_NUMBERS = "SELECT memories.number FROM memoryos.memories WHERE"
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
    """The memories to look at.

    Attributes:
        columns: What there is to know of them.
        wanted: The numbers of those that are selected; None for all.
        related: The numbers of those that count as neighbours in conversations; None for all.
        known: What the words of the query tell, if not all memories are looked at.
    """

    columns: Columns
    wanted: NDArray[np.int64] | None
    related: NDArray[np.int64] | None
    known: TermStatistics | None = None


class Asked(NamedTuple):
    """The same, not yet answered: that can come with the end of the transaction."""

    columns: Cursor[tuple[Any, ...]]
    wanted: Cursor[tuple[Any, ...]] | None
    related: Cursor[tuple[Any, ...]] | None

    def read(self) -> Found:
        """Return the answers."""
        return Found(_read(self.columns), _read_chosen(self.wanted), _read_chosen(self.related))


def ask(
    connection: Connection[tuple[Any, ...]], selection: Selection, query: AnalyzedQuery
) -> Asked:
    """Ask for all memories of an owner who has few.

    Args:
        connection: In a transaction for reading, of one moment.
        selection: Which memories.
        query: What is looked for.
    """
    asked = _ask(connection, selection, query)
    wanted, related = (_ask_chosen(connection, each) for each in (selection, selection.scope))
    return Asked(asked, wanted, related)


def find(
    connection: Connection[tuple[Any, ...]],
    selection: Selection,
    query: AnalyzedQuery,
    count: int,
    typical: OwnerStatistics,
) -> Found:
    """Return the memories to look at of an owner who has many.

    Args:
        connection: In a transaction for reading, of one moment.
        selection: Which memories.
        query: What is looked for.
        count: How many are to be found.
        typical: What is typical of the owner's memories.
    """
    looked_at = candidates.find(connection, selection, query, count, typical)
    known = _known(query, looked_at.frequencies, typical)
    columns = _read(_ask(connection, selection, query, looked_at.numbers))
    around = _around(connection, selection, query, columns, known)
    if around:
        columns = columns.joined(_read(_ask(connection, selection, query, around)))
    numbers = [*looked_at.numbers, *around]
    related = _read_chosen(_ask_chosen(connection, selection.scope, numbers))
    wanted = looked_at.filters.among(connection, numbers)
    if selection.scope_tags and wanted is not None and related is not None:
        wanted = np.intersect1d(wanted, related)
    return Found(columns, wanted, related, known)


def rank(found: Found | Asked, query: AnalyzedQuery, count: int) -> Hits:
    """Return the selected memories that the most speaks for, at most `count`, best first."""
    if isinstance(found, Asked):
        found = found.read()
    candidate_set = CandidateSet(found.columns, query)
    wanted = _is_chosen(candidate_set, found.wanted)
    related = None if found.related is None else _is_chosen(candidate_set, found.related)
    scorer = FeatureScorer(candidate_set, query, None, found.known, related)
    rows = np.flatnonzero(wanted)
    return best(scorer, rows, candidate_set.numbers[rows], count)


def _known(
    query: AnalyzedQuery, frequencies: Sequence[int], typical: OwnerStatistics
) -> TermStatistics:
    """Return the statistics of all memories: what was counted for words, otherwise estimates."""
    terms = query.terms
    others = typical.frequencies([*(word.term for word in terms.functional), *terms.grams])
    counted = zip((word.term for word in terms.words), frequencies, strict=True)
    return TermStatistics(
        typical.memory_count,
        {**others, **dict(counted)},
        typical.average_length,
        typical.cosines(query.vector),
    )


def _around(
    connection: Connection[tuple[Any, ...]],
    selection: Selection,
    query: AnalyzedQuery,
    columns: Columns,
    known: TermStatistics,
) -> list[int]:
    """Return the numbers of other lines around the best candidates, in their conversations."""
    if not any(columns.conversations):
        return []
    rows = CandidateSet(columns, query)
    seeds = rows.numbers[top(FeatureScorer(rows, query, None, known).evidence, _SEEDS)]
    seen = (selection.owner, selection.now)
    found = connection.execute(_AROUND, (*seen, *seen, selection.owner, seeds.tolist()))
    return sorted({number for (number,) in found} - {*rows.numbers.tolist()})


def _ask(
    connection: Connection[tuple[Any, ...]],
    selection: Selection,
    query: AnalyzedQuery,
    numbers: Sequence[int] | None = None,
) -> Cursor[tuple[Any, ...]]:
    """Ask for the memories of an owner; for all, or for those with these numbers."""
    values = [query.vector, selection.owner, selection.now]
    if numbers is None:
        return connection.execute(_CANDIDATES, values, binary=True)
    chosen = f"{_CANDIDATES} AND number = ANY(%s::bigint[])"
    return connection.execute(chosen, [*values, numbers], binary=True)


def _read(asked: Cursor[tuple[Any, ...]]) -> Columns:
    return Columns(*(value or b"" for value in asked.fetchone() or ()))


def _ask_chosen(
    connection: Connection[tuple[Any, ...]],
    selection: Selection,
    among: Sequence[int] | None = None,
) -> Cursor[tuple[Any, ...]] | None:
    """Ask for the numbers of the selected memories; None if all are selected."""
    if not has_filters(selection):
        return None
    where, values = condition(selection)
    if among is None:
        return number_arrays.ask(connection, f"{_NUMBERS} {where}", values)
    chosen = f"{_NUMBERS} {where} AND memories.number = ANY(%s::bigint[])"
    return number_arrays.ask(connection, chosen, [*values, among])


def _read_chosen(asked: Cursor[tuple[Any, ...]] | None) -> NDArray[np.int64] | None:
    return None if asked is None else number_arrays.read(asked)


def _is_chosen(rows: CandidateSet, numbers: NDArray[np.int64] | None) -> NDArray[np.bool_]:
    """Return which rows have one of the numbers."""
    if numbers is None:
        return np.ones(len(rows), np.bool_)
    return np.isin(rows.numbers, numbers)
