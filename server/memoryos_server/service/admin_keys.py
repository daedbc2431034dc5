"""API keys over HTTP: an admin key makes, lists and revokes keys with at most its own rights."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

from memoryos_server.model.errors import forbidden, invalid_key, not_found, validation_error
from memoryos_server.model.scope_tags import MAX_SCOPE_KEYS, is_hash, scope_tag, tag_values
from memoryos_server.model.timestamps import format_timestamp

from .results import Result, page_result
from .times import parse_time

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from datetime import datetime

    from memoryos_server.model.caller import Caller
    from memoryos_server.model.records import KeyRecord

    from .api_keys import APIKeys

__all__ = ["AdminKeys"]

_logger = logging.getLogger("memoryos_server.keys")


class AdminKeys:
    """The operations of the administration, for callers with the permission `admin`.

    Args:
        keys: The API keys.
        clock: Returns the current time.
    """

    def __init__(self, keys: APIKeys, clock: Callable[[], datetime]) -> None:
        self._keys = keys
        self._clock = clock

    def create(self, caller: Caller, body: Mapping[str, Any]) -> Result:
        """Create a key of the caller's owner.

        Raises:
            ServiceError: 403, if the key would have more than the caller; 400 for an invalid tag or
                a past end; 401, if the caller's key has become invalid.
        """
        permissions = tuple(dict.fromkeys(body["scopes"]))
        _check_permissions(caller, permissions, "give")
        key, record = self._keys.add(
            owner=caller.owner,
            permissions=permissions,
            expires_at=_expiry(caller, body.get("expires_at"), self._clock()),
            name=body.get("name"),
            scope_tags=_tags(caller, body.get("tags", {})),
        )
        self._check_still_valid(caller, record)
        _logger.info("API key %s created by %s", record.id, _name(caller))
        return Result({**self._facts(record), "api_key": key})

    def list(self, caller: Caller, parameters: Mapping[str, Any]) -> Result:
        """Return a page of the keys that the caller can see."""
        limit, offset = parameters["limit"], parameters["offset"]
        records = [key for key in self._keys.list(caller.owner) if _is_visible(caller, key)]
        page = [self._facts(record) for record in records[offset : offset + limit]]
        return page_result(page, total=len(records), limit=limit, offset=offset)

    def revoke(self, caller: Caller, parameters: Mapping[str, Any]) -> Result:
        """Revoke a key that the caller can see. Revoking a revoked key changes nothing.

        Raises:
            ServiceError: 404 for any other key, 403 for a key with a permission that the caller
                lacks.
        """
        record = self._find(caller, parameters["key_id"])
        _check_permissions(caller, record.scopes, "revoke")
        self._keys.revoke_record(record)
        if record.revoked_at is None:
            _logger.info("API key %s revoked by %s", record.id, _name(caller))
        return Result(self._facts(self._find(caller, record.id)))

    def _find(self, caller: Caller, key_id: str) -> KeyRecord:
        record = self._keys.find(caller.owner, key_id)
        if record is None or not _is_visible(caller, record):
            raise not_found("API key")
        return record

    def _check_still_valid(self, caller: Caller, new: KeyRecord) -> None:
        """Revoke a new key again if the caller's key was revoked or expired in the meantime.

        Its body may have taken long to arrive. Checking after the key is stored leaves no gap: who
        revokes a key and then lists all keys misses none that works.
        """
        if not caller.key_id:  # a call within the process
            return
        own = self._keys.find(caller.owner, caller.key_id)
        if own is None or not own.is_valid(self._clock()):
            self._keys.revoke_record(new)
            raise invalid_key()

    def _facts(self, record: KeyRecord) -> dict[str, Any]:
        return {
            "id": record.id,
            "owner": record.owner,
            "name": record.name,
            "scopes": list(record.scopes),
            "tags": tag_values(record.scope_tags),
            "state": record.state(self._clock()),
            "created_at": format_timestamp(record.created_at),
            "expires_at": _time(record.expires_at),
            "revoked_at": _time(record.revoked_at),
        }


def _check_permissions(caller: Caller, permissions: Iterable[str], verb: str) -> None:
    lacking = [permission for permission in permissions if not caller.may(permission)]
    if lacking:
        listed = ", ".join(lacking)
        raise forbidden(f"An API key can't {verb} scopes that it lacks: {listed}")


def _expiry(caller: Caller, text: str | None, now: datetime) -> datetime | None:
    """Return the end of a new key: the given one, which is not after the caller's, or that."""
    if text is None:
        return caller.expires_at
    expires_at = parse_time("body.expires_at", text)
    if expires_at <= now:
        raise validation_error("body.expires_at", "must be in the future")
    if caller.expires_at is not None and expires_at > caller.expires_at:
        end = format_timestamp(caller.expires_at)
        raise forbidden(f"expires_at must not be after the end of the API key that is used, {end}")
    return expires_at


def _tags(caller: Caller, values: Mapping[str, str]) -> tuple[str, ...]:
    """Return the tags of a new key: the given ones, and the caller's, which they can't change."""
    tags = {_tag_key(tag): tag for tag in caller.scope_tags}
    for key, value in values.items():
        tag = _tag(key, value)
        if tags.setdefault(_tag_key(tag), tag) != tag:
            raise forbidden(f"The API key that is used has another value for the tag {key}")
    if len(tags) > MAX_SCOPE_KEYS:
        raise validation_error("body.tags", f"a key has tags with at most {MAX_SCOPE_KEYS} keys")
    return tuple(sorted(tags.values()))


def _tag(key: str, value: str) -> str:
    if is_hash(value):
        raise validation_error("body.tags", "a value is a hash; give the value that it stands for")
    try:
        return scope_tag(key, value)
    except ValueError as error:
        raise validation_error("body.tags", str(error)) from None


def _tag_key(tag: str) -> str:
    return tag.partition(":")[0]


def _is_visible(caller: Caller, key: KeyRecord) -> bool:
    return set(caller.scope_tags) <= set(key.scope_tags)


def _name(caller: Caller) -> str:
    return f"API key {caller.key_id}" if caller.key_id else "a call within the process"


def _time(time: datetime | None) -> str | None:
    return None if time is None else format_timestamp(time)
