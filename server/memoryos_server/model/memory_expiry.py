"""Expiry of memories: only those of the `short` tier expire; later, a write deletes them."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

__all__ = ["EXPIRED_MEMORY_GRACE", "SHORT_TIER_LIFETIME", "expiry_time"]

SHORT_TIER_LIFETIME = timedelta(hours=24)
"""Time after which a memory of the `short` tier expires."""

EXPIRED_MEMORY_GRACE = timedelta(hours=1)
"""How long an expired memory stays stored: a clock that jumps ahead briefly must not delete it."""


def expiry_time(tier: str, now: datetime) -> datetime | None:
    """Return when a memory expires that enters `tier` at `now`, or None for never."""
    return now + SHORT_TIER_LIFETIME if tier == "short" else None
