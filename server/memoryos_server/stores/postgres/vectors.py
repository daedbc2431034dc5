"""Vectors and cues in PostgreSQL: storing them, and finding the nearest.

A vector has unit length, so the inner product of two is their cosine.
"""

# ruff: noqa: S608 - only constants of this package are put into the SQL, values are parameters

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any

from memoryos_server.search.text_analysis import NO_CONVERSATION, analyze_memory, parse_analysis

from .conditions import condition, is_narrow

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from psycopg import Connection

    from memoryos_server.model.records import Memory, Selection

    from .engines import Engine

__all__ = [
    "are_more_than",
    "drop",
    "literal",
    "nearest",
    "number_of",
    "put",
    "row",
    "touch",
]

_NEAREST = """
  SELECT number FROM memoryos.vectors
  WHERE {where} ORDER BY (vector <#> %s::vector){exactly} LIMIT %s
"""
# An index can give the order of the distance itself only, not that of a sum.
_EXACTLY = " + 0"

_EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)
_MICROSECOND = timedelta(microseconds=1)


def put(
    connection: Connection[tuple[Any, ...]],
    number: int,
    memory: Memory,
    vector: NDArray[np.float32],
) -> None:
    """Store the vector of a memory, in place of the one that it has, and its cues."""
    connection.execute(
        "INSERT INTO memoryos.vectors "
        "(number, owner, expires_at, created, thread, terms, vector) "
        "VALUES (%s, %s, %s, %s, %s, %s, %s::vector) ON CONFLICT (number) DO UPDATE SET "
        "expires_at = excluded.expires_at, thread = excluded.thread, terms = excluded.terms, "
        "vector = excluded.vector",
        row(number, memory, vector),
    )


def row(number: int, memory: Memory, vector: NDArray[np.float32]) -> tuple[Any, ...]:
    """Return the values of the table's columns for a memory, in their order."""
    created = (memory.created_at - _EPOCH) // _MICROSECOND
    thread, terms = _cues(memory)
    return (number, memory.owner, memory.expires_at, created, thread, terms, literal(vector))


def touch(connection: Connection[tuple[Any, ...]], number: int, memory: Memory) -> None:
    """Bring up to date what is kept of a memory beside its vector, if it has one."""
    connection.execute(
        "UPDATE memoryos.vectors SET expires_at = %s, thread = %s, terms = %s WHERE number = %s",
        (memory.expires_at, *_cues(memory), number),
    )


def drop(connection: Connection[tuple[Any, ...]], number: int) -> None:
    """Delete the vector of a memory, if it has one."""
    connection.execute("DELETE FROM memoryos.vectors WHERE number = %s", (number,))


def are_more_than(connection: Connection[tuple[Any, ...]], owner: str, limit: int) -> bool:
    """Say whether an owner has more vectors than `limit`, without counting them all."""
    rows = connection.execute(
        "SELECT 1 FROM memoryos.vectors WHERE owner = %s LIMIT 1 OFFSET %s", (owner, limit)
    )
    return rows.fetchone() is not None


def number_of(connection: Connection[tuple[Any, ...]], owner: str) -> int:
    """Return how many vectors an owner has."""
    rows = connection.execute("SELECT count(*) FROM memoryos.vectors WHERE owner = %s", (owner,))
    (count,) = rows.fetchone() or (0,)
    return int(count)


def nearest(
    connection: Connection[tuple[Any, ...]],
    engine: Engine,
    selection: Selection,
    vector: NDArray[np.float32],
    count: int,
) -> list[int]:
    """Return the numbers of the selected memories nearest to `vector`, by the index.

    Should it find fewer than `count`, all vectors of the owner are compared.
    """
    if len(vector) <= engine.most_dimensions:
        for setting in engine.settings_for(count):
            connection.execute(setting)
        found = _ask(connection, selection, vector, count, exactly="")
        if len(found) >= count:
            return found
    return _ask(connection, selection, vector, count, exactly=_EXACTLY)


def literal(vector: NDArray[np.float32]) -> str:
    """Return a vector as pgvector reads it, every number to its last bit."""
    return f"[{','.join(map(str, vector.tolist()))}]"


def _ask(
    connection: Connection[tuple[Any, ...]],
    selection: Selection,
    vector: NDArray[np.float32],
    count: int,
    *,
    exactly: str,
) -> list[int]:
    where, values = _where(selection)
    rows = connection.execute(
        _NEAREST.format(where=where, exactly=exactly),
        [*values, literal(vector), count],
        # A plan made for any values would not know which index serves these.
        prepare=False,
    )
    return [row[0] for row in rows]


def _where(selection: Selection) -> tuple[str, list[Any]]:
    clauses = ["vectors.owner = %s", "(vectors.expires_at IS NULL OR vectors.expires_at > %s)"]
    values: list[Any] = [selection.owner, selection.now]
    if is_narrow(selection):
        where, more = condition(selection)
        clauses.append(
            "EXISTS (SELECT 1 FROM memoryos.memories "
            f"WHERE memories.number = vectors.number AND {where})"
        )
        values += more
    return " AND ".join(clauses), values


def _cues(memory: Memory) -> tuple[int, bytes]:
    """Return the thread and the terms of a memory."""
    made = parse_analysis(analyze_memory(memory))
    return made or (NO_CONVERSATION, b"")
