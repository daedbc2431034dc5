"""Which of an owner's many memories a search looks at.

Those are the ones whose vectors are nearest, and the ones that hold the rarest words of the query,
each among the selected memories. First only numbers and distances are read.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from . import number_arrays, term_statistics, vectors
from .conditions import has_filters, supersets, without_filters

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from psycopg import Connection, Cursor

    from memoryos_server.model.records import Selection
    from memoryos_server.search.index.memory_index import AnalyzedQuery

    from .conditions import Clause
    from .owner_statistics import OwnerStatistics

    Numbers = NDArray[np.int64]

__all__ = ["Candidates", "Filters", "find"]

NEAREST = 256
"""How many of the nearest are looked at."""

MIN_NEAREST_BY_FILTERED_INDEX = 64
"""How many at least where the index has to find those that meet a filter, which takes it longer."""

HOLDING_WORDS, HOLDING_WORDS_UNFILTERED = 256, 2048
"""How many of those with the rarest words are looked at, and before a wide filter leaves out some.
"""

MAX_LISTED = 50_000
"""A filter is wide if it leaves more memories than this: only some are held against it, later."""

_MAX_COMPARED_PER_ROOT = 20
_LIMITED = "SELECT number FROM ({numbers}) AS numbers LIMIT %s"
_AMONG = "SELECT number FROM ({numbers}) AS numbers WHERE number = ANY(%s::bigint[])"
_EXPIRED = "SELECT number FROM memoryos.memories WHERE owner = %s AND expires_at <= %s"


class Filters(NamedTuple):
    """The filters of a search.

    Attributes:
        selected: The memories that all narrow ones leave; None if none is narrow.
        wide: The others, each as SQL that finds numbers, with its parameters.
    """

    selected: Numbers | None
    wide: list[Clause]

    def among(self, connection: Connection[tuple[Any, ...]], numbers: list[int]) -> Numbers | None:
        """Return which of the memories, at least, all filters leave; None for no filters."""
        asked = [
            number_arrays.ask(connection, _AMONG.format(numbers=sql), [*values, numbers])
            for sql, values in self.wide
        ]
        selected = self.selected
        for found in map(number_arrays.read, asked):
            selected = found if selected is None else np.intersect1d(selected, found)
        return selected


class Candidates(NamedTuple):
    """The memories that a search looks at.

    Attributes:
        numbers: Their numbers.
        filters: What the selection leaves out.
        frequencies: How many of the owner's memories hold each word of the query.
    """

    numbers: list[int]
    filters: Filters
    frequencies: tuple[int, ...]


def find(
    connection: Connection[tuple[Any, ...]],
    selection: Selection,
    query: AnalyzedQuery,
    count: int,
    typical: OwnerStatistics,
) -> Candidates:
    """Return the memories to look at.

    Args:
        connection: In a transaction for reading, of one moment.
        selection: Which memories.
        query: What is looked for.
        count: How many are to be found.
        typical: What is typical of the owner's memories.
    """
    owner = selection.owner
    words = [word.text for word in query.terms.words]
    asked = term_statistics.ask(connection, owner, words)
    asked_expired = number_arrays.ask(connection, _EXPIRED, (owner, selection.now))
    found = [
        number_arrays.ask(connection, _LIMITED.format(numbers=sql), [*values, MAX_LISTED + 1])
        for sql, values in _conditions(selection)
    ]
    expired = number_arrays.read(asked_expired)
    filters = _narrowed(selection, found)
    matches = term_statistics.read(
        connection,
        asked,
        owner=owner,
        words=words,
        expired=expired,
        total=typical.memory_count,
    )
    most = HOLDING_WORDS_UNFILTERED if filters.wide else HOLDING_WORDS
    holding = matches.best(max(count, most), filters.selected)
    nearest = _nearest(connection, selection, query, count, filters.selected, typical)
    if filters.wide:
        selected = filters.among(connection, holding)
        holding = [] if selected is None else [*{*holding} & {*selected.tolist()}]
    return Candidates([*{*holding, *nearest}], filters, matches.frequencies)


def _conditions(selection: Selection) -> list[Clause]:
    return supersets(selection) if has_filters(selection) else []


def _narrowed(selection: Selection, found: list[Cursor[tuple[Any, ...]]]) -> Filters:
    """Return the filters, given what each one by itself leaves."""
    selected, wide = None, []
    for condition, cursor in zip(_conditions(selection), found, strict=True):
        numbers = number_arrays.read(cursor)
        if len(numbers) > MAX_LISTED:
            wide.append(condition)
        else:
            selected = numbers if selected is None else np.intersect1d(selected, numbers)
    return Filters(selected, wide)


def _nearest(
    connection: Connection[tuple[Any, ...]],
    selection: Selection,
    query: AnalyzedQuery,
    count: int,
    selected: Numbers | None,
    typical: OwnerStatistics,
) -> list[int]:
    """Return the nearest of the selected memories, and messages that may be next to such."""
    vector = query.vector
    if not has_filters(selection):
        return vectors.nearest(connection, selection, vector, max(count, NEAREST))
    most_compared = _MAX_COMPARED_PER_ROOT * math.sqrt(typical.memory_count)
    few = max(count // 4, MIN_NEAREST_BY_FILTERED_INDEX)
    if selected is not None and len(selected) <= most_compared:
        numbers = selected.tolist()
        found = vectors.nearest_among(connection, selection, numbers, vector, max(count, NEAREST))
    else:
        found = vectors.nearest(connection, selection, vector, few)
    if typical.has_conversations:
        found += vectors.nearest(connection, without_filters(selection), vector, few)
    return found
