"""Fields of metadata in PostgreSQL, by which filters find memories."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from memoryos_server.stores.metadata_fields import field_ids
from memoryos_server.stores.row_mapper import from_json

if TYPE_CHECKING:
    from collections.abc import Mapping

    from psycopg import Connection

__all__ = ["attach", "detach", "index_stored"]

_ROWS_PER_BATCH = 500
_WITH_METADATA = """
  SELECT number, owner, metadata FROM memoryos.memories
  WHERE number > %s AND metadata <> '{}' ORDER BY number LIMIT %s
"""


def attach(
    connection: Connection[tuple[Any, ...]], number: int, owner: str, metadata: Mapping[str, Any]
) -> None:
    """Make a memory findable by each field of its metadata."""
    if metadata:
        connection.execute(
            "INSERT INTO memoryos.memory_metadata (number, field) SELECT %s, unnest(%s::uuid[])",
            (number, field_ids(owner, metadata)),
        )


def detach(connection: Connection[tuple[Any, ...]], number: int) -> None:
    """Forget the fields of a memory."""
    connection.execute("DELETE FROM memoryos.memory_metadata WHERE number = %s", (number,))


def index_stored(connection: Connection[tuple[Any, ...]]) -> None:
    """Make all memories findable by their metadata; earlier versions didn't."""
    last = 0
    while rows := connection.execute(_WITH_METADATA, (last, _ROWS_PER_BATCH)).fetchall():
        for last, owner, text in rows:
            attach(connection, last, owner, from_json(text))
