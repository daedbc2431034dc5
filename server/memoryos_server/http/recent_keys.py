"""The owners of API keys that were valid a short time ago."""

from __future__ import annotations

import hashlib
from itertools import chain
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["RecentKeys"]

MAX_RECENT_KEYS = 10_000


class RecentKeys:
    """The owners of keys that were valid at their last use.

    A request with such a key whose body has arrived is handled in one step, which looks up the key
    again; others are first checked on their own. The limit of failed authentications doesn't hold
    for such a key. Contains hashes only. Not thread-safe.
    """

    def __init__(self) -> None:
        self._owners: dict[bytes, str] = {}

    def find(self, headers: Iterable[tuple[bytes, bytes]]) -> str | None:
        """Return the owner, or None if the key is unknown."""
        digest = _digest(headers)
        owner = self._owners.pop(digest, None)
        if owner is not None:
            self._owners[digest] = owner  # now the latest
        return owner

    def add(self, headers: Iterable[tuple[bytes, bytes]], owner: str) -> None:
        """Remember a valid key, and at the limit forget the one that was used longest ago."""
        digest = _digest(headers)
        if len(self._owners) >= MAX_RECENT_KEYS and digest not in self._owners:
            del self._owners[next(iter(self._owners))]
        self._owners[digest] = owner

    def discard(self, headers: Iterable[tuple[bytes, bytes]]) -> None:
        """Forget a key that is no longer valid."""
        self._owners.pop(_digest(headers), None)


def _digest(headers: Iterable[tuple[bytes, bytes]]) -> bytes:
    # Without the scheme and the spaces, which one key may be sent with in many ways.
    keys = [value.split()[-1:] for name, value in headers if name.lower() == b"authorization"]
    return hashlib.sha256(b"\n".join(chain.from_iterable(keys))).digest()
