"""What a store tells its index in memory; here no NumPy is needed."""

from __future__ import annotations

from typing import NamedTuple

__all__ = ["NEVER", "Entry"]

NEVER = 2**63 - 1
"""The expiry of what does not expire."""


class Entry(NamedTuple):
    """One vector: little-endian float32, and the microseconds since 1970 when it expires."""

    number: int
    owner: str
    tier: str
    expiry: int
    vector: bytes
