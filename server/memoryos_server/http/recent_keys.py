"""The holders of API keys that were valid a short time ago."""

from __future__ import annotations

import hashlib
from itertools import chain
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from memoryos_server.model.records import KeyRecord

__all__ = ["KeyHolder", "RecentKeys"]

MAX_RECENT_KEYS = 10_000


class KeyHolder(NamedTuple):
    """Who sends a request with a valid key: the key's owner, and its ID."""

    owner: str
    key_id: str


class RecentKeys:
    """The holders of keys that were valid at their last use, or at the start.

    A request with such a key whose body has arrived is handled in one step, which looks up the key
    again; others are first checked on their own. The limit of failed authentications doesn't hold
    for such a key. Contains hashes only. Not thread-safe.

    Args:
        valid: Records of the keys that are valid now. At the limit, the first ones are left out.
    """

    def __init__(self, valid: Sequence[KeyRecord] = ()) -> None:
        self._holders = {
            bytes.fromhex(record.hash): KeyHolder(record.owner, record.id)
            for record in valid[-MAX_RECENT_KEYS:]
        }

    def find(self, headers: Iterable[tuple[bytes, bytes]]) -> KeyHolder | None:
        """Return the holder, or None if the key is unknown."""
        digest = _digest(headers)
        holder = self._holders.pop(digest, None)
        if holder is not None:
            self._holders[digest] = holder  # now the latest
        return holder

    def add(self, headers: Iterable[tuple[bytes, bytes]], holder: KeyHolder) -> None:
        """Remember a valid key, and at the limit forget the one that was used longest ago."""
        digest = _digest(headers)
        if len(self._holders) >= MAX_RECENT_KEYS and digest not in self._holders:
            del self._holders[next(iter(self._holders))]
        self._holders[digest] = holder

    def discard(self, headers: Iterable[tuple[bytes, bytes]]) -> None:
        """Forget a key that is no longer valid."""
        self._holders.pop(_digest(headers), None)


def _digest(headers: Iterable[tuple[bytes, bytes]]) -> bytes:
    # Without the scheme and the spaces, which one key may be sent with in many ways. For one header
    # this is the hash of the key that the store has.
    keys = [value.split()[-1:] for name, value in headers if name.lower() == b"authorization"]
    return hashlib.sha256(b"\n".join(chain.from_iterable(keys))).digest()
