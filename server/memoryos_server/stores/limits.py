"""Limits that all stores share."""

from __future__ import annotations

__all__ = [
    "MAX_OFFSET",
    "MAX_SEPARATE_CONDITIONS",
    "PURGE_BATCH_CHARACTERS",
    "PURGE_BATCH_SIZE",
    "clamp_offset",
]

PURGE_BATCH_SIZE = 100
"""How many expired rows of a table one write deletes at most."""

PURGE_BATCH_CHARACTERS = 1_000_000
"""After how many characters of deleted contents a write stops deleting expired rows."""

MAX_SEPARATE_CONDITIONS = 8
"""How many fields of metadata, or in PostgreSQL tags, a query asks for in a condition each.

That is faster, but databases take too long to plan, or refuse, very many: more are counted in one
condition. SQLite asks for each tag separately, which is still faster with as many as a request and
an API key can name.
"""

MAX_OFFSET = 2**62
"""The largest OFFSET in a query; databases reject larger numbers."""


def clamp_offset(offset: int) -> int:
    """Return `offset`, or `MAX_OFFSET` if it is larger; no table has as many rows."""
    return min(offset, MAX_OFFSET)
