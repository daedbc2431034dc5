"""Distribution of the tables over the nodes of a Citus cluster, by owner.

All rows of an owner are on one node, so every statement about one owner runs there. Where the
extension Citus isn't installed in the database, the tables stay as they are.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from psycopg import Connection

__all__ = ["distribute", "distribute_all"]

_FIRST = "memories"
# A table comes after those that its foreign keys refer to.
_BY_OWNER = (
    "tags",
    "entities",
    "claims",
    "memory_words",
    "memory_tags",
    "memory_entities",
    "memory_metadata",
)
# They exist once an embedder has stored a vector, and while it is being replaced.
_VECTORS = ("vectors", "staged")
# Every transaction locks `settings`, which would involve every node: it stays on the coordinator.
_ON_EVERY_NODE = "keys"

_IS_CLUSTER = "SELECT 1 FROM pg_catalog.pg_extension WHERE extname = 'citus'"
_IS_DISTRIBUTED = "SELECT 1 FROM pg_catalog.pg_dist_partition WHERE logicalrelid = %s::regclass"
_EXISTS = "SELECT to_regclass(%s) IS NOT NULL"
_DISTRIBUTE = "SELECT create_distributed_table(%s, 'owner', colocate_with => %s)"
_REPLICATE = "SELECT create_reference_table(%s)"


def distribute_all(connection: Connection[tuple[Any, ...]]) -> None:
    """Distribute the tables of the current version, with their rows, unless they are.

    Args:
        connection: a connection in a transaction with `locks.SCHEMA_LOCK`.
    """
    if not _is_cluster(connection) or _is_distributed(connection, _FIRST):
        return
    connection.execute(_REPLICATE, (_qualified(_ON_EVERY_NODE),))
    connection.execute(_DISTRIBUTE, (_qualified(_FIRST), "none"))
    for table in (*_BY_OWNER, *_VECTORS):
        if connection.execute(_EXISTS, (_qualified(table),)).fetchone() == (True,):
            _distribute(connection, table)


def distribute(connection: Connection[tuple[Any, ...]], table: str) -> None:
    """Distribute a table like the memories, unless it is, or they aren't.

    Args:
        connection: a connection in a transaction with `locks.SCHEMA_LOCK`.
        table: its name without the schema.
    """
    if (
        _is_cluster(connection)
        and _is_distributed(connection, _FIRST)
        and not _is_distributed(connection, table)
    ):
        _distribute(connection, table)


def _distribute(connection: Connection[tuple[Any, ...]], table: str) -> None:
    connection.execute(_DISTRIBUTE, (_qualified(table), _qualified(_FIRST)))


def _is_cluster(connection: Connection[tuple[Any, ...]]) -> bool:
    return connection.execute(_IS_CLUSTER).fetchone() is not None


def _is_distributed(connection: Connection[tuple[Any, ...]], table: str) -> bool:
    return connection.execute(_IS_DISTRIBUTED, (_qualified(table),)).fetchone() is not None


def _qualified(table: str) -> str:
    return f"memoryos.{table}"
