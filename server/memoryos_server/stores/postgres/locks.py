"""Locks that coordinate the servers of one database."""

from __future__ import annotations

from hashlib import blake2b
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from psycopg import Connection

    from memoryos_server.model.records import Selection

__all__ = ["EXCLUSIVE_LOCKS", "FIRST_KEY_LOCK", "SCHEMA_LOCK", "SHARED_LOCK", "lock_external_id"]

SCHEMA_LOCK = """
  SELECT pg_advisory_xact_lock(7882830951),
  set_config('citus.multi_shard_modify_mode', 'sequential', true)
"""
"""Makes other transactions that change the tables wait.

In a Citus cluster, such a transaction must use one connection to each node for everything. Without
Citus, the setting has no effect.
"""

FIRST_KEY_LOCK = "SELECT pg_advisory_xact_lock(7882830952)"
"""Makes other servers that add the first API key wait."""

SHARED_LOCK = "LOCK TABLE memoryos.settings IN ACCESS SHARE MODE"
"""Delays a replacement of the embedder. Taken before the first read of a transaction."""

EXCLUSIVE_LOCKS = (
    "LOCK TABLE memoryos.settings IN ACCESS EXCLUSIVE MODE",
    "LOCK TABLE memoryos.memories IN ACCESS EXCLUSIVE MODE",
)
"""Wait for all transactions with the shared lock, and for all writers."""

_EXTERNAL_IDS = 14
"""Keeps these locks, which have two numbers, apart from those of other programs."""


def lock_external_id(connection: Connection[tuple[Any, ...]], target: Selection) -> None:
    """Make other upserts with the external id wait until the end of the transaction.

    A unique index can't do this: creating memories may repeat an external id, and an upsert looks
    only among the memories with certain tags. Two ids with the same lock wait without need.
    """
    text = f"{target.owner}\0{target.external_id}"
    digest = blake2b(text.encode("utf-8", "surrogatepass"), digest_size=4).digest()
    number = int.from_bytes(digest, "big", signed=True)
    connection.execute("SELECT pg_advisory_xact_lock(%s, %s)", (_EXTERNAL_IDS, number))
