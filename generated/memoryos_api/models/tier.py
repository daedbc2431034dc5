from __future__ import annotations

from typing import Literal, cast

Tier = Literal["long", "medium", "short"]

TIER_VALUES: set[Tier] = {
    "long",
    "medium",
    "short",
}


def check_tier(value: str) -> Tier:
    """Take a value as it is, whether this version of the contract lists it or not."""
    return cast("Tier", value)
