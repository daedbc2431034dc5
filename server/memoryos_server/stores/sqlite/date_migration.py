"""Migration to the search terms of memories with a date in their metadata."""

# ruff: noqa: S608 - only constants of this package are put into the SQL, values are parameters

from __future__ import annotations

from typing import TYPE_CHECKING

from memoryos_server.search.text_analysis import analyze_memory
from memoryos_server.text.metadata_dates import metadata_date

from .memory_rows import MEMORY_ROWS

if TYPE_CHECKING:
    import sqlite3

__all__ = ["analyze_dated_memories"]

_WITH_METADATA = f"SELECT {MEMORY_ROWS.column_list}, number FROM memories WHERE metadata <> '{{}}'"
# `staged_vectors` exists only while the embedder is being replaced.
_TABLES = "SELECT name FROM sqlite_master WHERE name IN ('vectors', 'staged_vectors')"


def analyze_dated_memories(connection: sqlite3.Connection) -> None:
    """Replace the search terms of the memories whose metadata has a date.

    Earlier versions didn't read all forms of dates.
    """
    tables = [name for (name,) in connection.execute(_TABLES)]
    for row in connection.execute(_WITH_METADATA):
        memory, number = MEMORY_ROWS.from_row(row[:-1]), row[-1]
        if metadata_date(memory.metadata).months:
            terms = analyze_memory(memory)
            for table in tables:
                connection.execute(
                    f"UPDATE {table} SET cues = ? WHERE number = ? AND deleted = 0",
                    (terms, number),
                )
