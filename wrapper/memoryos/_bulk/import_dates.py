"""When imported memories were created and accessed, and expire: as fields, or in the metadata."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, Dict, FrozenSet, Iterable, Mapping, cast

from memoryos._protocol import operations, times
from memoryos.exceptions import MemoryOSError, NotSupportedError

__all__ = [
    "KEPT_KEYS",
    "add_advice",
    "date_fields",
    "features_of",
    "has_passed",
    "unsupported",
    "with_kept_dates",
]

_KEPT = {"created_at": "imported_created_at", "expires_at": "imported_expires_at"}
KEPT_KEYS = frozenset(_KEPT.values())
"""The keys of the metadata that keep times where they can't be sent as fields."""

_SHORT_TIER_LIFETIME = timedelta(hours=24)
_ROUNDING = timedelta(minutes=1)  # services may give times in whole seconds
_FIELDS = ("created_at", "access_count", "last_accessed_at")
_ADVICE = (
    "pass without_dates=True (memoryos import --without-dates): the memories get new times and "
    f"counts, and {_KEPT['created_at']} in their metadata keeps the time of creation, "
    f"{_KEPT['expires_at']} that of expiry"
)


def date_fields(memory: Mapping[str, Any]) -> Dict[str, Any]:
    """Return the times and the count of a memory in a file, as arguments of `create`."""
    given = {name: memory[name] for name in _FIELDS if memory.get(name) is not None}
    if given.get("access_count") == 0:
        del given["access_count"]
    if _has_own_expiry(memory):
        given["expires_at"] = memory["expires_at"]
    return {name: _timestamp(value) for name, value in given.items()}


def _has_own_expiry(memory: Mapping[str, Any]) -> bool:
    """Return whether a memory expires at another time than its tier gives it by default.

    The default is counted from the creation, or from a move to the tier `short`, which is an
    update. It is not kept: a memory would disappear as soon as it is imported. An earlier time
    than any default, and one in a file without dates, was set by somebody.
    """
    if memory.get("expires_at") is None or memory.get("tier") != "short":
        return memory.get("expires_at") is not None
    expiry, created, updated = (
        times.parse(_timestamp(memory.get(name)))
        for name in ("expires_at", "created_at", "updated_at")
    )
    first, last = created or updated, updated or created
    if expiry is None or first is None or last is None:
        return True
    earliest, latest = first + _SHORT_TIER_LIFETIME - _ROUNDING, last + _SHORT_TIER_LIFETIME
    return not earliest <= expiry <= latest


def has_passed(expires_at: Any, now: datetime) -> bool:
    """Return whether a time of expiry is over, so that no service can take it."""
    time = times.parse(expires_at)
    return time is not None and time <= now


def features_of(names: Iterable[str]) -> FrozenSet[str]:
    """Return the features that these arguments of `create` need."""
    return frozenset(operations.create_memory.arguments[name].feature for name in names)


def _timestamp(value: Any) -> Any:
    """Return a time without an offset, or with a decimal comma, as one of RFC 3339 in UTC."""
    if isinstance(value, str) and times.parse(value) is None:
        text = value.replace(",", ".")
        for candidate in (text, f"{text}Z"):
            if times.parse(candidate) is not None:
                return candidate
    return value


def with_kept_dates(memory: Mapping[str, Any], metadata: Any) -> Any:
    """Return the metadata of a memory with its times, unless they have some already."""
    fields = date_fields(memory)
    kept = {key: memory[name] for name, key in _KEPT.items() if name in fields}
    if not kept or not isinstance(metadata, (dict, type(None))):
        return metadata
    return {**kept, **cast("Dict[str, Any]", metadata or {})}


def unsupported(missing: Iterable[str]) -> NotSupportedError:
    """Return the error for a service that takes no times, since it doesn't name these features."""
    features = sorted(missing)
    message = (
        "The service can't store when memories were created and accessed, or when they expire: it "
        f"doesn't name {', '.join(features)} as features in its responses. Nothing was stored; "
        f"{_ADVICE}"
    )
    return NotSupportedError("NOT_SUPPORTED", message, 501, details={"features": features})


def add_advice(error: MemoryOSError, arguments: Mapping[str, Any]) -> None:
    """Add to the error for a missing permission what to do, if it may be about times."""
    if any(name in arguments for name in _FIELDS):
        error.message = (
            f"{error.message}. The times and counts of imported memories need a key with the "
            f"permission admin; with another, {_ADVICE}"
        )
