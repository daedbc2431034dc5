"""Numbers of memories as arrays: all in one string, which NumPy reads at once.

A row per number takes ten times as long to decode.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray
    from psycopg import Connection, Cursor

    Numbers = NDArray[np.int64]

__all__ = ["ask", "packed", "read", "unpacked"]


def packed(numbers: str) -> str:
    """Return the SQL that packs the column `number` of a query."""
    return f"SELECT string_agg(int8send(number), '') FROM ({numbers}) AS numbers"  # noqa: S608 - SQL of this package


def unpacked(value: bytes | None) -> Numbers:
    """Return the numbers in a value that `packed` made."""
    return np.frombuffer(value or b"", ">i8").astype(np.int64)


def ask(
    connection: Connection[tuple[Any, ...]], numbers: str, values: Sequence[Any]
) -> Cursor[tuple[Any, ...]]:
    """Ask for the numbers that a query finds."""
    return connection.execute(packed(numbers), values, binary=True)


def read(rows: Cursor[tuple[Any, ...]]) -> Numbers:
    """Return the answer to `ask`."""
    (value,) = rows.fetchone() or (None,)
    return unpacked(value)
