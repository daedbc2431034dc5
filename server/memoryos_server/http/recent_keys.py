"""The owners of API keys that were valid a short time ago."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["RecentKeys"]

MAX_RECENT_KEYS = 10_000


class RecentKeys:
    """Owners by `Authorization` header, of keys that were valid at their last use.

    A request with such a key whose body has arrived is handled in one step, which looks up the key
    again; others are first checked on their own. Contains hashes only. Not thread-safe.
    """

    def __init__(self) -> None:
        self._owners: dict[bytes, str] = {}

    def find(self, headers: Iterable[tuple[bytes, bytes]]) -> str | None:
        """Return the owner, or None if the key is unknown."""
        return self._owners.get(_digest(headers))

    def add(self, headers: Iterable[tuple[bytes, bytes]], owner: str) -> None:
        """Remember a valid key, and forget the oldest one at the limit."""
        if len(self._owners) >= MAX_RECENT_KEYS:
            del self._owners[next(iter(self._owners))]
        self._owners[_digest(headers)] = owner

    def discard(self, headers: Iterable[tuple[bytes, bytes]]) -> None:
        """Forget a key that is no longer valid."""
        self._owners.pop(_digest(headers), None)


def _digest(headers: Iterable[tuple[bytes, bytes]]) -> bytes:
    values = [value for name, value in headers if name.lower() == b"authorization"]
    return hashlib.sha256(b"\n".join(values)).digest()
