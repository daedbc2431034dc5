"""Locks that coordinate the servers of one database."""

from __future__ import annotations

__all__ = ["EXCLUSIVE_LOCKS", "SCHEMA_LOCK", "SHARED_LOCK"]

SCHEMA_LOCK = "SELECT pg_advisory_xact_lock(7882830951)"
"""Makes other transactions that change the tables wait."""

SHARED_LOCK = "LOCK TABLE memoryos.settings IN ACCESS SHARE MODE"
"""Delays a replacement of the embedder. Taken before the first read of a transaction."""

EXCLUSIVE_LOCKS = (
    "LOCK TABLE memoryos.settings IN ACCESS EXCLUSIVE MODE",
    "LOCK TABLE memoryos.memories IN ACCESS EXCLUSIVE MODE",
)
"""Wait for all transactions with the shared lock, and for all writers."""
