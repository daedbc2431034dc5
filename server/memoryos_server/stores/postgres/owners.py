"""The owners in PostgreSQL: the only statement about the records of all of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .statements import Statements

__all__ = ["count_by_owner", "with_keys"]

_COUNT_BY_OWNER = """
  SELECT owner, sum(memories)::bigint FROM (
    SELECT owner, count(*) AS memories FROM memoryos.memories GROUP BY owner
    UNION ALL SELECT DISTINCT owner, 0 FROM memoryos.tags
    UNION ALL SELECT DISTINCT owner, 0 FROM memoryos.entities
    UNION ALL SELECT DISTINCT owner, 0 FROM memoryos.claims
    UNION ALL SELECT DISTINCT owner, 0 FROM memoryos.keys
  ) AS counted GROUP BY owner ORDER BY owner
"""
_WITH_KEYS = "SELECT DISTINCT owner FROM memoryos.keys ORDER BY owner"


def count_by_owner(connection: Statements) -> dict[str, int]:
    """Return the number of memories of each owner who has any record or key."""
    return dict(connection.execute(_COUNT_BY_OWNER).fetchall())


def with_keys(connection: Statements) -> list[str]:
    """Return the owners who have keys."""
    return [owner for (owner,) in connection.execute(_WITH_KEYS).fetchall()]
