"""Fields of metadata in SQLite, by which filters find memories."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from memoryos_server.stores.metadata_fields import field_ids

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Mapping

__all__ = ["attach", "detach"]


def attach(
    connection: sqlite3.Connection, number: int, owner: str, metadata: Mapping[str, Any]
) -> None:
    """Make a memory findable by each field of its metadata."""
    connection.executemany(
        "INSERT INTO memory_metadata (owner, field, number) VALUES (?, ?, ?)",
        [(owner, field.bytes, number) for field in field_ids(owner, metadata)],
    )


def detach(connection: sqlite3.Connection, number: int, owner: str) -> None:
    """Forget the fields of a memory."""
    connection.execute(
        "DELETE FROM memory_metadata WHERE owner = ? AND number = ?", (owner, number)
    )
