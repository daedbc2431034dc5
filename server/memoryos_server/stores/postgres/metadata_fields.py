"""Fields of metadata in PostgreSQL, by which filters find memories."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from memoryos_server.stores.metadata_fields import field_ids

if TYPE_CHECKING:
    from collections.abc import Mapping

    from psycopg import Connection

__all__ = ["attach", "attach_all", "detach"]


def attach(
    connection: Connection[tuple[Any, ...]], owner: str, number: int, metadata: Mapping[str, Any]
) -> None:
    """Make a memory findable by each field of its metadata."""
    attach_all(connection, owner, {number: metadata})


def attach_all(
    connection: Connection[tuple[Any, ...]], owner: str, metadata: Mapping[int, Mapping[str, Any]]
) -> None:
    """Make the memories with these numbers findable by each field of their metadata."""
    rows = [(number, field) for number, one in metadata.items() for field in field_ids(owner, one)]
    if rows:
        connection.execute(
            "INSERT INTO memoryos.memory_metadata (owner, number, field) "
            "SELECT %s, * FROM unnest(%s::bigint[], %s::uuid[])",
            (owner, *map(list, zip(*rows, strict=True))),
        )


def detach(connection: Connection[tuple[Any, ...]], owner: str, number: int) -> None:
    """Forget the fields of a memory."""
    connection.execute(
        "DELETE FROM memoryos.memory_metadata WHERE owner = %s AND number = %s", (owner, number)
    )
