"""Fields of metadata in PostgreSQL, by which filters find memories."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from memoryos_server.stores.metadata_fields import field_ids

if TYPE_CHECKING:
    from collections.abc import Mapping

    from psycopg import Connection

__all__ = ["attach", "detach"]


def attach(
    connection: Connection[tuple[Any, ...]], owner: str, number: int, metadata: Mapping[str, Any]
) -> None:
    """Make a memory findable by each field of its metadata."""
    if metadata:
        connection.execute(
            "INSERT INTO memoryos.memory_metadata (owner, number, field) "
            "SELECT %s, %s, unnest(%s::uuid[])",
            (owner, number, field_ids(owner, metadata)),
        )


def detach(connection: Connection[tuple[Any, ...]], owner: str, number: int) -> None:
    """Forget the fields of a memory."""
    connection.execute(
        "DELETE FROM memoryos.memory_metadata WHERE owner = %s AND number = %s", (owner, number)
    )
