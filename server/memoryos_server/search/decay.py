"""Relevance decay.

Relevance starts at 1 and decays exponentially from the last access, or from the creation:

    relevance = (1 - decay_rate) ** hours

`decay_rate` depends on the tier; the API returns it with each memory.
"""

from __future__ import annotations

import math
from datetime import datetime, timedelta, timezone

__all__ = ["DECAY_RATES_PER_HOUR", "refreshed_since", "relevance"]

DECAY_RATES_PER_HOUR = {"short": 0.1, "medium": 0.004, "long": 0.0003}
"""Share of its relevance that a memory loses per hour, by tier.

The half-life is 6.6 hours for `short`, 7.2 days for `medium` and 96 days for `long`.
"""

_RELEVANCE_DECIMALS = 4
_ROUNDING_ERROR = 0.5 * 10**-_RELEVANCE_DECIMALS
_HOUR = timedelta(hours=1)
_BEFORE_ALL_MEMORIES = datetime(1, 1, 1, tzinfo=timezone.utc)


def relevance(tier: str, refreshed_at: datetime, now: datetime) -> float:
    """Return the relevance at `now`, 0 to 1, of a memory last accessed at `refreshed_at`."""
    hours = max(0.0, (now - refreshed_at) / _HOUR)
    return round(math.pow(1 - DECAY_RATES_PER_HOUR[tier], hours), _RELEVANCE_DECIMALS)


def refreshed_since(tier: str, minimum: float, now: datetime) -> datetime:
    """Return the earliest `refreshed_at` with a relevance of at least `minimum` (0 to 1) at `now`.

    It converts a limit on relevance to a limit on a stored time, which a database can index.
    """
    unrounded = minimum - _ROUNDING_ERROR
    if unrounded <= 0:
        return _BEFORE_ALL_MEMORIES
    hours = math.log(unrounded) / math.log(1 - DECAY_RATES_PER_HOUR[tier])
    return now - hours * _HOUR
