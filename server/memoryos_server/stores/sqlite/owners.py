"""The owners in a SQLite database: the only statement that reads records of all owners."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import sqlite3

__all__ = ["owners"]

_OWNERS = """
  SELECT owner, sum(memory_count) FROM (
    SELECT owner, count(*) AS memory_count FROM memories GROUP BY owner
    UNION ALL SELECT DISTINCT owner, 0 FROM tags
    UNION ALL SELECT DISTINCT owner, 0 FROM entities
    UNION ALL SELECT DISTINCT owner, 0 FROM claims
    UNION ALL SELECT DISTINCT owner, 0 FROM keys
  ) GROUP BY owner ORDER BY owner
"""


def owners(connection: sqlite3.Connection) -> dict[str, int]:
    """Return the number of memories of each owner who has any record or key, in their order.

    This works for the tables of every version.
    """
    return dict(connection.execute(_OWNERS))
