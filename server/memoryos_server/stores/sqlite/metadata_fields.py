"""Fields of metadata in SQLite, by which filters find memories."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from memoryos_server.stores.metadata_fields import field_ids
from memoryos_server.stores.row_mapper import detect_damage, from_json

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Mapping

__all__ = ["attach", "detach", "index_stored"]

_WITH_METADATA = "SELECT number, owner, metadata FROM memories WHERE metadata <> '{}'"


def attach(
    connection: sqlite3.Connection, number: int, owner: str, metadata: Mapping[str, Any]
) -> None:
    """Make a memory findable by each field of its metadata."""
    connection.executemany(
        "INSERT INTO memory_metadata (field, number) VALUES (?, ?)",
        [(field.bytes, number) for field in field_ids(owner, metadata)],
    )


def detach(connection: sqlite3.Connection, number: int) -> None:
    """Forget the fields of a memory."""
    connection.execute("DELETE FROM memory_metadata WHERE number = ?", (number,))


def index_stored(connection: sqlite3.Connection) -> None:
    """Make all memories findable by their metadata; earlier versions didn't."""
    for row in connection.execute(_WITH_METADATA):
        attach(connection, *_read(row))


@detect_damage
def _read(row: tuple[Any, ...]) -> tuple[int, str, dict[str, Any]]:
    number, owner, text = row
    metadata = from_json(text)
    if not isinstance(metadata, dict):
        raise TypeError("metadata that are no object")
    return number, owner, metadata
