"""Migration to the search terms of memories with a date in their metadata."""

# ruff: noqa: S608 - only constants of this package are put into the SQL, values are parameters

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from memoryos_server.search.text_analysis import NO_CONVERSATION, analyze_memory, parse_analysis
from memoryos_server.text.metadata_dates import metadata_date

from .memory_rows import MEMORY_ROWS

if TYPE_CHECKING:
    from psycopg import Connection

__all__ = ["analyze_dated_memories"]

_ROWS_PER_BATCH = 500
_WITH_METADATA = f"""
  SELECT {MEMORY_ROWS.column_list}, number FROM memoryos.memories
  WHERE number > %s AND metadata <> '{{}}' ORDER BY number LIMIT %s
"""
# There are no vectors before the first one is stored, and `staged` exists only while the embedder
# is being replaced.
_TABLES = """
  SELECT relname::text FROM pg_catalog.pg_class
  WHERE relnamespace = to_regnamespace('memoryos') AND relname IN ('vectors', 'staged')
"""


def analyze_dated_memories(connection: Connection[tuple[Any, ...]]) -> None:
    """Replace the search terms of the memories whose metadata has a date.

    Earlier versions didn't read all forms of dates.
    """
    tables = [name for (name,) in connection.execute(_TABLES).fetchall()]
    last = 0
    while tables and (
        rows := connection.execute(_WITH_METADATA, (last, _ROWS_PER_BATCH)).fetchall()
    ):
        for row in rows:
            memory, last = MEMORY_ROWS.from_row(row[:-1]), row[-1]
            if not metadata_date(memory.metadata).months:
                continue
            _, terms = parse_analysis(analyze_memory(memory)) or (NO_CONVERSATION, b"")
            for table in tables:
                connection.execute(
                    f"UPDATE memoryos.{table} SET terms = %s WHERE number = %s", (terms, last)
                )
