"""When imported memories were created and accessed: sent as fields, or kept in the metadata."""

from __future__ import annotations

from typing import Any, Dict, Mapping, cast

from memoryos._protocol import times
from memoryos.exceptions import MemoryOSError, NotSupportedError

__all__ = ["FEATURE", "KEPT_DATE", "add_advice", "date_fields", "unsupported", "with_kept_date"]

FEATURE = "import-fields"

KEPT_DATE = "imported_created_at"
"""The key of the metadata that keeps the time of creation where it can't be sent as a field."""

_FIELDS = ("created_at", "access_count", "last_accessed_at")
_ADVICE = (
    "pass without_dates=True (memoryos import --without-dates): the memories get new times and "
    f"counts, and {KEPT_DATE} in their metadata keeps the time of creation"
)


def date_fields(memory: Mapping[str, Any]) -> Dict[str, Any]:
    """Return the times and the count of a memory in a file, as arguments of `create`."""
    given = {name: memory[name] for name in _FIELDS if memory.get(name) is not None}
    if given.get("access_count") == 0:
        del given["access_count"]
    return {name: _timestamp(value) for name, value in given.items()}


def _timestamp(value: Any) -> Any:
    """Return a time without an offset, or with a decimal comma, as one of RFC 3339 in UTC."""
    if isinstance(value, str) and times.parse(value) is None:
        text = value.replace(",", ".")
        for candidate in (text, f"{text}Z"):
            if times.parse(candidate) is not None:
                return candidate
    return value


def with_kept_date(memory: Mapping[str, Any], metadata: Any) -> Any:
    """Return the metadata of a memory with its time of creation, unless they have one already."""
    created = memory.get("created_at")
    if created is None or not isinstance(metadata, (dict, type(None))):
        return metadata
    return {KEPT_DATE: created, **cast("Dict[str, Any]", metadata or {})}


def unsupported() -> NotSupportedError:
    """Return the error for a service that takes no times."""
    message = (
        "The service can't store when memories were created and accessed: it doesn't name the "
        f"feature {FEATURE} in its responses. Nothing was stored; {_ADVICE}"
    )
    return NotSupportedError("NOT_SUPPORTED", message, 501, details={"features": [FEATURE]})


def add_advice(error: MemoryOSError, arguments: Mapping[str, Any]) -> None:
    """Add to the error for a missing permission what to do, if it may be about times."""
    if any(name in arguments for name in _FIELDS):
        error.message = (
            f"{error.message}. The times and counts of imported memories need a key with the "
            f"permission admin; with another, {_ADVICE}"
        )
