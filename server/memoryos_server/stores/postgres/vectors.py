"""Vectors and search terms in PostgreSQL: storage, and search by the HNSW index.

Vectors have unit length, so the inner product of two is their cosine.
"""

# ruff: noqa: S608 - only constants of this package are put into the SQL, values are parameters

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any

from memoryos_server.search.conversation_ids import NO_CONVERSATION
from memoryos_server.search.text_analysis import parse_analysis

from .conditions import condition, has_filters

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy as np
    from numpy.typing import NDArray
    from psycopg import Connection, Cursor

    from memoryos_server.model.records import Memory, Selection

__all__ = [
    "COLUMNS",
    "MAX_INDEXED_DIMENSION",
    "delete",
    "nearest",
    "nearest_among",
    "put",
    "put_all_terms",
    "put_terms",
    "to_row",
]

MAX_INDEXED_DIMENSION = 2000
"""The longest vectors that an HNSW index of pgvector supports."""

COLUMNS = "owner, number, expires_at, created, thread, terms, vector, indexed"
"""The columns of the table, in the order of the values of `to_row`."""

MIN_SCANNED_VECTORS, MAX_SCANNED_VECTORS = 800, 1000
"""How many vectors a search by the index scans (hnsw.ef_search).

With fewer, the index does not get away from a cluster of many alike that is near, but not nearest.
"""

_INDEX_SETTINGS = (
    # A Citus cluster makes the settings on the owner's node; elsewhere this means nothing.
    "SET LOCAL citus.propagate_set_commands = 'local'",
    "SET LOCAL hnsw.ef_search = {scanned}",
    # Continues the scan if the filters leave too few; the results are sorted again afterwards.
    "SET LOCAL hnsw.iterative_scan = relaxed_order",
    # Only the index returns this order without sorting, so the planner must use it.
    "SET LOCAL enable_sort = off",
    # The planner takes owners and marks for independent, so it expects many of one's rows to have
    # no mark, and would read the whole table for the few that have none.
    "SET LOCAL enable_seqscan = off",
)

_NEAREST = """
  SELECT (vector <#> %s::vector){suffix} AS distance, number FROM memoryos.vectors
  WHERE {where} ORDER BY distance LIMIT %s
"""
_NEAREST_AMONG = """
  SELECT number FROM memoryos.vectors
  WHERE owner = %s AND number = ANY(%s::bigint[]) AND (expires_at IS NULL OR expires_at > %s)
  ORDER BY (vector <#> %s::vector) + 0 LIMIT %s
"""
# An index can return the order of the distance only, not that of a sum.
_WITHOUT_INDEX = " + 0"
# In these words, by which the planner knows the partial indexes that have such rows.
_INDEXED, _NOT_INDEXED = " AND indexed", " AND NOT indexed"

_EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)
_MICROSECOND = timedelta(microseconds=1)


def put(
    connection: Connection[tuple[Any, ...]],
    number: int,
    memory: Memory,
    vector: NDArray[np.float32],
    analysis: bytes,
    *,
    is_indexed: bool = False,
) -> None:
    """Store the vector and the search terms of a memory, and replace those that it has.

    A vector that replaces another one is in the index if that was.
    """
    connection.execute(
        f"INSERT INTO memoryos.vectors ({COLUMNS}) "
        "VALUES (%s, %s, %s, %s, %s, %s, %s::vector, %s) "
        "ON CONFLICT (owner, number) DO UPDATE SET "
        "expires_at = excluded.expires_at, created = excluded.created, "
        "thread = excluded.thread, terms = excluded.terms, vector = excluded.vector",
        to_row(number, memory, vector, analysis, is_indexed=is_indexed),
    )


def to_row(
    number: int,
    memory: Memory,
    vector: NDArray[np.float32],
    analysis: bytes,
    *,
    is_indexed: bool = False,
) -> tuple[Any, ...]:
    """Return the values of `COLUMNS`.

    Args:
        number: the number of the memory.
        memory: the memory.
        vector: its vector.
        analysis: the result of `analyze_memory`.
        is_indexed: whether the HNSW index has it; see `vector_index`.
    """
    conversation, terms = _search_terms(analysis)
    return (
        memory.owner,
        number,
        memory.expires_at,
        _created(memory),
        conversation,
        terms,
        vector,
        is_indexed,
    )


def put_terms(
    connection: Connection[tuple[Any, ...]], number: int, memory: Memory, analysis: bytes
) -> None:
    """Update the columns of a memory besides its vector, if it has a vector."""
    put_all_terms(connection, memory.owner, {number: (memory, analysis)})


def put_all_terms(
    connection: Connection[tuple[Any, ...]],
    owner: str,
    analyses: Mapping[int, tuple[Memory, bytes]],
    table: str = "vectors",
) -> None:
    """Update the columns besides the vectors of the memories with these numbers, where they differ.

    What doesn't differ isn't written: each new version of a row costs an entry in the HNSW index.
    """
    rows = [
        (number, memory.expires_at, _created(memory), *_search_terms(analysis))
        for number, (memory, analysis) in analyses.items()
    ]
    connection.execute(
        f"UPDATE memoryos.{table} SET expires_at = new.expires_at, created = new.created, "
        "thread = new.thread, terms = new.terms FROM unnest(%s::bigint[], %s::timestamptz[], "
        "%s::bigint[], %s::bigint[], %s::bytea[]) AS new (number, expires_at, created, thread, "
        f"terms) WHERE {table}.owner = %s AND {table}.number = new.number "
        f"AND ({table}.expires_at, {table}.created, {table}.thread, {table}.terms) "
        "IS DISTINCT FROM (new.expires_at, new.created, new.thread, new.terms)",
        (*map(list, zip(*rows, strict=True)), owner),
    )


def delete(connection: Connection[tuple[Any, ...]], owner: str, number: int) -> None:
    """Delete the vector of a memory, if it has one."""
    connection.execute(
        "DELETE FROM memoryos.vectors WHERE owner = %s AND number = %s", (owner, number)
    )


def nearest(
    connection: Connection[tuple[Any, ...]],
    selection: Selection,
    vector: NDArray[np.float32],
    count: int,
) -> list[int]:
    """Return the numbers of the selected memories nearest to `vector`, by the index.

    What the index doesn't have is compared. If the index finds fewer than `count`, all vectors of
    the owner are compared.
    """
    if len(vector) <= MAX_INDEXED_DIMENSION:
        _prepare_index_scan(connection, count)
        indexed, others = (
            _query(connection, selection, vector, count, among=among, suffix=suffix)
            for among, suffix in ((_INDEXED, ""), (_NOT_INDEXED, _WITHOUT_INDEX))
        )
        found = indexed.fetchall()
        if len(found) >= count:
            return [number for _, number in sorted([*found, *others.fetchall()])[:count]]
    compared = _query(connection, selection, vector, count, suffix=_WITHOUT_INDEX)
    return [number for _, number in compared.fetchall()]


def nearest_among(
    connection: Connection[tuple[Any, ...]],
    selection: Selection,
    numbers: list[int],
    vector: NDArray[np.float32],
    count: int,
) -> list[int]:
    """Return which of the owner's memories with these numbers are nearest to `vector`."""
    rows = connection.execute(
        _NEAREST_AMONG,
        (selection.owner, numbers, selection.now, vector, count),
        prepare=False,
    )
    return [number for (number,) in rows]


def _prepare_index_scan(connection: Connection[tuple[Any, ...]], count: int) -> None:
    """Make the rest of the transaction search by the index, for `count` vectors."""
    scanned = min(max(count, MIN_SCANNED_VECTORS), MAX_SCANNED_VECTORS)
    for setting in _INDEX_SETTINGS:
        connection.execute(setting.format(scanned=scanned))


def _query(
    connection: Connection[tuple[Any, ...]],
    selection: Selection,
    vector: NDArray[np.float32],
    count: int,
    *,
    among: str = "",
    suffix: str,
) -> Cursor[tuple[Any, ...]]:
    """Ask for the nearest vectors, each with its distance and number."""
    where, values = _where(selection)
    return connection.execute(
        _NEAREST.format(where=where + among, suffix=suffix),
        [vector, *values, count],
        # A generic plan can't choose the index that suits these values.
        prepare=False,
    )


def _where(selection: Selection) -> tuple[str, list[Any]]:
    clauses = ["vectors.owner = %s", "(vectors.expires_at IS NULL OR vectors.expires_at > %s)"]
    values: list[Any] = [selection.owner, selection.now]
    if has_filters(selection):
        where, more = condition(selection)
        clauses.append(
            "EXISTS (SELECT 1 FROM memoryos.memories "
            "WHERE memories.owner = vectors.owner AND memories.number = vectors.number "
            f"AND {where})"
        )
        values += more
    return " AND ".join(clauses), values


def _created(memory: Memory) -> int:
    return (memory.created_at - _EPOCH) // _MICROSECOND


def _search_terms(analysis: bytes) -> tuple[int, bytes]:
    """Return the conversation and the terms of a memory."""
    return parse_analysis(analysis) or (NO_CONVERSATION, b"")
