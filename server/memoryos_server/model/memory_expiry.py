"""Expiry of memories: of the `short` tier by default, of others on request.

Some time after a memory has expired, a write deletes it.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

__all__ = ["EXPIRED_MEMORY_GRACE", "SHORT_TIER_LIFETIME", "expiry_after_move", "expiry_time"]

SHORT_TIER_LIFETIME = timedelta(hours=24)
"""Time after which a memory of the `short` tier expires."""

EXPIRED_MEMORY_GRACE = timedelta(hours=1)
"""How long an expired memory stays stored: a clock that jumps ahead briefly must not delete it."""


def expiry_time(tier: str, now: datetime) -> datetime | None:
    """Return when a memory expires that enters `tier` at `now`, or None for never."""
    return now + SHORT_TIER_LIFETIME if tier == "short" else None


def expiry_after_move(
    expires_at: datetime | None, former_tier: str, tier: str, now: datetime
) -> datetime | None:
    """Return when a memory expires that is in `former_tier` until now, and in `tier` from now on.

    A move into or out of the `short` tier sets the default; other moves keep the time.
    """
    if tier == former_tier or "short" not in {tier, former_tier}:
        return expires_at
    return expiry_time(tier, now)
