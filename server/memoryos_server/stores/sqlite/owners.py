"""The owners in SQLite: the only statement that reads records of all of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import sqlite3

__all__ = ["count_by_owner", "with_keys"]

_COUNT_BY_OWNER = """
  SELECT owner, sum(memories) FROM (
    SELECT owner, count(*) AS memories FROM memories GROUP BY owner
    UNION ALL SELECT DISTINCT owner, 0 FROM tags
    UNION ALL SELECT DISTINCT owner, 0 FROM entities
    UNION ALL SELECT DISTINCT owner, 0 FROM claims
    UNION ALL SELECT DISTINCT owner, 0 FROM keys
  ) GROUP BY owner ORDER BY owner
"""


def count_by_owner(connection: sqlite3.Connection) -> dict[str, int]:
    """Return the number of memories of each owner who has any record or key, by name.

    This works for the tables of every version.
    """
    return dict(connection.execute(_COUNT_BY_OWNER))


def with_keys(connection: sqlite3.Connection) -> list[str]:
    """Return the owners who have keys."""
    return [owner for (owner,) in connection.execute("SELECT DISTINCT owner FROM keys")]
