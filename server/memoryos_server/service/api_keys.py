"""API keys: creation, authentication and revocation. Only their hashes are stored."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from typing import TYPE_CHECKING

from memoryos_server.model.caller import DEFAULT_OWNER, Caller
from memoryos_server.model.errors import not_found
from memoryos_server.model.permissions import DEFAULT_PERMISSIONS, PERMISSIONS
from memoryos_server.model.records import KEY_ID_CHARACTERS, KeyRecord
from memoryos_server.model.scope_tags import MAX_SCOPE_KEYS, scope_tag

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from datetime import datetime

    from memoryos_server.stores.protocol import KeyStore

__all__ = ["KEY_PREFIX", "APIKeys", "key_id"]

KEY_PREFIX = "mos_test_"
"""Start of every key that this server creates."""

KEY_RANDOM_BYTES = 24
"""Number of random bytes in a key: 32 characters of base64url."""


class APIKeys:
    """The API keys of a Memory OS.

    Args:
        store: The store.
        clock: Returns the current time.
    """

    def __init__(self, store: KeyStore, clock: Callable[[], datetime]) -> None:
        self._store = store
        self._clock = clock

    def authenticate(self, key: str) -> Caller | None:
        """Return the caller of an API key, or None if it is unknown, expired or revoked."""
        if not (key.isascii() and key.startswith("mos_")):
            return None
        # The database lookup need not take constant time: an attacker who learns how a hash starts
        # from the timing still can't find a key with that hash.
        digest = _digest(key)
        record = self._store.find_key(digest)
        if record is None or not hmac.compare_digest(record.hash, digest):
            return None
        if not record.is_valid(self._clock()):
            return None
        return Caller(
            record.owner,
            frozenset(record.scopes),
            record.id,
            record.scope_tags,
            record.expires_at,
        )

    def create(
        self,
        *,
        owner: str,
        scopes: Iterable[str],
        expires_at: datetime | None,
        name: str | None,
        scope: Mapping[str, str],
    ) -> str:
        """Create a key and return it. It can't be retrieved later.

        Args:
            owner: Owner of the memories that the key gives access to.
            scopes: Permissions, of `PERMISSIONS`.
            expires_at: Expiry time with a time zone, or None for a key that doesn't expire.
            name: Name for people, or None.
            scope: Keys and values, such as `{"user": "alice"}`: the key gives access only to
                memories with their tags, and adds these to the memories that it stores.

        Raises:
            ValueError: A permission doesn't exist, `expires_at` has no time zone, or `scope` is too
                large or has an empty key or value.
        """
        permissions = tuple(dict.fromkeys(scopes))
        unknown = [scope for scope in permissions if scope not in PERMISSIONS]
        if unknown:
            known = ", ".join(sorted(PERMISSIONS))
            raise ValueError(f"unknown scope {', '.join(map(repr, unknown))}; use any of {known}")
        if expires_at is not None and expires_at.tzinfo is None:
            raise ValueError(f"expires_at {expires_at.isoformat()} has no time zone; add one")
        if len(scope) > MAX_SCOPE_KEYS:
            raise ValueError(f"a scope has at most {MAX_SCOPE_KEYS} keys, not {len(scope)}")
        tags = tuple(scope_tag(*item) for item in sorted(scope.items()))
        key, _ = self.add(
            owner=owner, permissions=permissions, expires_at=expires_at, name=name, scope_tags=tags
        )
        return key

    def add(
        self,
        *,
        owner: str,
        permissions: tuple[str, ...],
        expires_at: datetime | None,
        name: str | None,
        scope_tags: tuple[str, ...],
    ) -> tuple[str, KeyRecord]:
        """Create a key from valid values; return it and its record."""
        key, record = self._new(owner, permissions, expires_at, name, scope_tags)
        self._store.add_key(record)
        return key, record

    def create_first(self, publish: Callable[[str], None], *, name: str) -> str | None:
        """Create a key with the default permissions if there has never been one.

        Args:
            publish: Called with the key before it becomes valid, maybe more than once. If it raises
                an error, there is no key.
            name: Name for people.

        Returns:
            The key, or None if there was one.
        """
        key, record = self._new(DEFAULT_OWNER, DEFAULT_PERMISSIONS, None, name, ())
        return key if self._store.add_first_key(record, lambda: publish(key)) else None

    def _new(
        self,
        owner: str,
        permissions: tuple[str, ...],
        expires_at: datetime | None,
        name: str | None,
        scope_tags: tuple[str, ...],
    ) -> tuple[str, KeyRecord]:
        """Return a new key and its record, which isn't stored yet."""
        key = KEY_PREFIX + secrets.token_urlsafe(KEY_RANDOM_BYTES)
        record = KeyRecord(
            hash=_digest(key),
            owner=owner,
            scopes=permissions,
            name=name,
            created_at=self._clock(),
            expires_at=expires_at,
            revoked_at=None,
            scope_tags=scope_tags,
        )
        return key, record

    def find(self, owner: str, key_id: str) -> KeyRecord | None:
        """Return the key of `owner` with this ID, or None."""
        return self._store.find_key_of(owner, key_id)

    def list(self, owner: str | None = None) -> list[KeyRecord]:
        """Return the keys of `owner`, or of all owners, oldest first."""
        return self._store.list_keys(owner)

    def revoke(self, key_id: str) -> KeyRecord:
        """Revoke a key. Revoking a revoked key changes nothing.

        Args:
            key_id: The `KeyRecord.id`.

        Returns:
            The key before the call.

        Raises:
            ServiceError: 404, if no key has this ID.
        """
        for record in self._store.list_keys():
            if record.id == key_id:
                self.revoke_record(record)
                return record
        raise not_found("API key")

    def revoke_record(self, record: KeyRecord) -> None:
        """Revoke the key of a record. Revoking a revoked key changes nothing."""
        self._store.revoke_key(record.hash, self._clock())


def key_id(key: str) -> str:
    """Return the `KeyRecord.id` of an API key."""
    return _digest(key)[:KEY_ID_CHARACTERS]


def _digest(key: str) -> str:
    # A key has 192 random bits, so a slow password hash would add no security.
    return hashlib.sha256(key.encode()).hexdigest()
