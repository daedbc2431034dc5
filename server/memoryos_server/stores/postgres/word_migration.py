"""Migration to the words of folded texts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from memoryos_server.stores.words import words_of

from . import text_search
from .memory_rows import MEMORY_ROWS

if TYPE_CHECKING:
    from psycopg import Connection

__all__ = ["index_folded_texts"]

_ROWS_PER_BATCH = 500
# Folding changes no words of texts in ASCII.
_NON_ASCII = f"""
  SELECT {MEMORY_ROWS.column_list}, number FROM memoryos.memories
  WHERE number > %s AND octet_length(content) > char_length(content) ORDER BY number LIMIT %s
"""  # noqa: S608 - only constants of this package are put into the SQL


def index_folded_texts(connection: Connection[tuple[Any, ...]]) -> None:
    """Replace the words of the memories whose words depend on folding."""
    last = 0
    while rows := connection.execute(_NON_ASCII, (last, _ROWS_PER_BATCH)).fetchall():
        for row in rows:
            memory, last = MEMORY_ROWS.from_row(row[:-1]), row[-1]
            words = words_of(memory.content)
            text_search.delete(connection, last)
            text_search.store(connection, memory.owner, last, words)
            connection.execute(
                "UPDATE memoryos.memories SET word_count = %s WHERE number = %s",
                (len(words), last),
            )
