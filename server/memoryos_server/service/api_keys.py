"""API keys: made once, kept as hashes, compared without telling how nearly they match."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from typing import TYPE_CHECKING

from memoryos_server.model.caller import DEFAULT_SCOPES, Caller
from memoryos_server.model.errors import not_found
from memoryos_server.model.records import KEY_ID_LENGTH, KeyRecord

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from datetime import datetime

    from memoryos_server.stores.protocol import Store

__all__ = ["SCOPES", "Keys", "key_id"]

SCOPES = frozenset([*DEFAULT_SCOPES, "admin", "*"])
"""The scopes that a key can have; `*` stands for all."""

_PREFIX = "mos_test_"
_RANDOM_BYTES = 24  # 32 characters of base64url


class Keys:
    """The keys of a Memory OS.

    Args:
        store: where their hashes are kept.
        clock: returns the present time.
    """

    def __init__(self, store: Store, clock: Callable[[], datetime]) -> None:
        self._store = store
        self._clock = clock

    def authenticate(self, key: str) -> Caller | None:
        """Return who calls with `key`, or None where it is unknown, expired or revoked."""
        if not (key.isascii() and key.startswith("mos_")):
            return None
        # The database may compare hashes as quickly as it likes: whoever could learn from the time
        # how a hash begins is still no nearer to a key that has it.
        digest = _digest(key)
        record = self._store.key(digest)
        if record is None or not hmac.compare_digest(record.hash, digest):
            return None
        if not _is_valid(record, self._clock()):
            return None
        return Caller(record.owner, frozenset(record.scopes), record.id)

    def create(
        self,
        *,
        owner: str,
        scopes: Iterable[str],
        expires_at: datetime | None,
        name: str | None,
    ) -> str:
        """Return a new key, which is known nowhere else from now on.

        Raises:
            ValueError: a scope does not exist, or `expires_at` has no time zone.
        """
        wanted = tuple(dict.fromkeys(scopes))
        unknown = [scope for scope in wanted if scope not in SCOPES]
        if unknown:
            known = ", ".join(sorted(SCOPES))
            raise ValueError(f"no such scope: {', '.join(unknown)}; there are {known}")
        if expires_at is not None and expires_at.tzinfo is None:
            raise ValueError("expires_at needs a time zone")
        key = _PREFIX + secrets.token_urlsafe(_RANDOM_BYTES)
        self._store.add_key(
            KeyRecord(
                hash=_digest(key),
                owner=owner,
                scopes=wanted,
                name=name,
                created_at=self._clock(),
                expires_at=expires_at,
                revoked_at=None,
            )
        )
        return key

    def every(self) -> list[KeyRecord]:
        """Return all keys, oldest first."""
        return self._store.every_key()

    def revoke(self, wanted: str) -> KeyRecord:
        """Refuse a key from now on; again, it changes nothing.

        Args:
            wanted: the key's id.

        Returns:
            The key as it was.

        Raises:
            ServiceError: with status 404, there is no such key.
        """
        for record in self._store.every_key():
            if record.id == wanted:
                self._store.revoke_key(record.hash, self._clock())
                return record
        raise not_found("API key")


def key_id(key: str) -> str:
    """Return the id of an API key, as `KeyRecord.id` has it."""
    return _digest(key)[:KEY_ID_LENGTH]


def _digest(key: str) -> str:
    # A key has 192 random bits, so a plain hash is as good as a slow one.
    return hashlib.sha256(key.encode()).hexdigest()


def _is_valid(record: KeyRecord, now: datetime) -> bool:
    return record.revoked_at is None and (record.expires_at is None or now < record.expires_at)
