"""Interface between a store and its in-memory index; needs no NumPy."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["NEVER", "Entry", "Filter"]

NEVER = 2**63 - 1
"""The expiry of what does not expire."""


class Entry(NamedTuple):
    """One memory as it is searched for.

    Attributes:
        number: the memory's.
        facets: its tier, its content type and its nature, or None for that.
        created: when, in microseconds since 1970.
        expiry: when it expires, likewise, or `NEVER`.
        vector: little-endian float32, of unit length.
        conversation: equal for lines of one conversation; 0 for what is none.
        terms: what it is found by, as little-endian 32-bit numbers.
    """

    number: int
    facets: tuple[str, str, str | None]
    created: int
    expiry: int
    vector: bytes
    conversation: int
    terms: bytes


class Filter(NamedTuple):
    """Which entries may be returned.

    Attributes:
        now: what expires by this time is left out, in microseconds since 1970.
        facets: the tier, the content type and the nature wanted, each None for any.
        numbers: the only ones that may be returned, or None for all.
        related: the only ones that count as neighbours in conversations, or None for all.
    """

    now: int
    facets: tuple[str | None, str | None, str | None] = (None, None, None)
    numbers: Sequence[int] | None = None
    related: Sequence[int] | None = None
