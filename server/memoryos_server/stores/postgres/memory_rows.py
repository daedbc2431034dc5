"""A memory as a row of the table `memories`, and back."""

from __future__ import annotations

from typing import Any

from memoryos_server.model.records import Memory
from memoryos_server.search.decay import DECAY_RATES_PER_HOUR

from .columns import from_json, optional_utc, reading, to_json, utc

__all__ = ["COLUMNS", "from_row", "to_row"]

COLUMNS = (
    "id",
    "owner",
    "content",
    "content_type",
    "tier",
    "memory_nature",
    "importance_score",
    "confidence_score",
    "access_count",
    "last_accessed_at",
    "parent_memory_id",
    "external_id",
    "source_id",
    "metadata",
    "pii_fields",
    "integrity_hash",
    "created_at",
    "updated_at",
    "expires_at",
)
"""The columns of a row, in its order; the table has more, which are derived from the content."""


def to_row(memory: Memory) -> tuple[Any, ...]:
    """Return the values of `COLUMNS` for a memory."""
    return (
        memory.id,
        memory.owner,
        memory.content,
        memory.content_type,
        memory.tier,
        memory.memory_nature,
        memory.importance_score,
        memory.confidence_score,
        memory.access_count,
        memory.last_accessed_at,
        memory.parent_memory_id,
        memory.external_id,
        memory.source_id,
        to_json(memory.metadata),
        to_json(memory.pii_fields),
        memory.integrity_hash,
        memory.created_at,
        memory.updated_at,
        memory.expires_at,
    )


@reading
def from_row(row: tuple[Any, ...]) -> Memory:
    """Return the memory that a row of `COLUMNS` holds."""
    if row[4] not in DECAY_RATES_PER_HOUR:
        raise ValueError("no such tier")
    return Memory(
        id=row[0],
        owner=row[1],
        content=row[2],
        content_type=row[3],
        tier=row[4],
        memory_nature=row[5],
        importance_score=row[6],
        confidence_score=row[7],
        access_count=row[8],
        last_accessed_at=optional_utc(row[9]),
        parent_memory_id=row[10],
        external_id=row[11],
        source_id=row[12],
        metadata=from_json(row[13]),
        pii_fields=tuple(from_json(row[14])),
        integrity_hash=row[15],
        created_at=utc(row[16]),
        updated_at=utc(row[17]),
        expires_at=optional_utc(row[18]),
    )
