"""Upserts, as far as they are the same in all stores."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from memoryos_server.model.idempotency import IdempotencyRecord
    from memoryos_server.model.records import Memory, Selection

__all__ = ["naming", "without_key"]


def naming(record: IdempotencyRecord | None, found: Sequence[Memory]) -> IdempotencyRecord | None:
    """Return the idempotency record of an upsert, which names the memory found, if there is one."""
    return replace(record, record_id=found[0].id) if record and found else record


def without_key(target: Selection) -> Selection:
    """Return all memories in the scope of those that an upsert looks for."""
    return replace(target, external_id=None, tags=())
