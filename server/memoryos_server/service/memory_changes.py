"""The memories that requests make: new, updated and upserted ones. Pure functions."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from memoryos_server.model.errors import conflict, forbidden, validation_error
from memoryos_server.model.integrity import integrity_hash, verified
from memoryos_server.model.json_equality import canonical_json
from memoryos_server.model.memory_expiry import expiry_after_move, expiry_time
from memoryos_server.model.metadata import ASSIGNMENTS, canonical_id, tag_name
from memoryos_server.model.records import Memory
from memoryos_server.model.scope_tags import metadata_in_scope
from memoryos_server.model.timestamps import format_timestamp
from memoryos_server.per_process import importing

from .times import parse_time

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from memoryos_server.model.caller import Caller

__all__ = [
    "check_dates",
    "create_fields",
    "new_memory",
    "update_fields",
    "updated_memory",
    "upserted_memory",
]

DEFAULT_IMPORTANCE = 0.5
"""`importance_score` of a new memory by default, 0 to 1."""

CONFIDENCE = 1.0
"""`confidence_score` of every memory: this server doesn't estimate it."""

IMPORT_FIELDS = ("created_at", "access_count", "last_accessed_at")
"""The fields of a new memory that need the permission `admin`."""

_TIMES = ("created_at", "last_accessed_at", "expires_at", "if_updated_at")

_UPSERTED = (*IMPORT_FIELDS, "content_type", "parent_memory_id", "source_id")
"""The fields that an upsert sets and an update doesn't."""


def create_fields(caller: Caller, body: Mapping[str, Any], now: datetime) -> dict[str, Any]:
    """Return the checked fields of a `MemoryCreate` body, with its times parsed.

    Its `tags`, if there are any, include those of the metadata.

    Args:
        caller: The caller; the fields include its `scope_tags`.
        body: The body, with the contract's defaults filled in.
        now: The current time.

    Raises:
        ServiceError: 403, if the fields need a permission that the caller lacks; 400, if they are
            invalid.
    """
    imported = [name for name in IMPORT_FIELDS if name in body]
    if imported and not caller.may("admin"):
        raise forbidden(f"{', '.join(imported)}: only a key with the permission admin may set this")
    _check_upsert(body)
    fields = _common_fields(caller, body, now)
    for name in ("created_at", "last_accessed_at"):
        if name in fields and fields[name] > now:
            raise validation_error(f"body.{name}", "must not be in the future")
    if body.get("parent_memory_id") is not None:
        fields["parent_memory_id"] = canonical_id(body["parent_memory_id"])
    if "tags" in body:
        _check_tag_list(body, "because body.tags adds to them")
        fields["tags"] = _distinct([*body.get("metadata", {}).get("tags", []), *body["tags"]])
    return fields


def update_fields(caller: Caller, body: Mapping[str, Any], now: datetime) -> dict[str, Any]:
    """Return the checked fields of a `MemoryUpdate` body, with its times parsed.

    Args:
        caller: The caller; the fields include its `scope_tags`.
        body: The body.
        now: The current time.

    Raises:
        ServiceError: 400, if the fields are invalid.
    """
    fields = _common_fields(caller, body, now)
    if "content" in body:
        fields["pii_fields"] = _detect_pii(body["content"])  # takes too long for a transaction
    return fields


def new_memory(fields: Mapping[str, Any], *, owner: str, memory_id: str, now: datetime) -> Memory:
    """Return a new memory with the fields of `create_fields`.

    An imported memory of the tier `short` expires as if it were created now: with its old time of
    creation, it would disappear at once.
    """
    return Memory(
        id=memory_id,
        owner=owner,
        content=fields["content"],
        content_type=fields["content_type"],
        tier=fields["tier"],
        memory_nature=fields.get("memory_nature"),
        importance_score=float(fields.get("importance_score", DEFAULT_IMPORTANCE)),
        confidence_score=CONFIDENCE,
        access_count=fields.get("access_count", 0),
        last_accessed_at=fields.get("last_accessed_at"),
        parent_memory_id=fields.get("parent_memory_id"),
        external_id=fields.get("external_id"),
        source_id=fields.get("source_id"),
        metadata=_metadata({}, fields),
        pii_fields=_detect_pii(fields["content"]),
        integrity_hash=integrity_hash(fields["content"]),
        created_at=fields.get("created_at", now),
        updated_at=now,
        expires_at=fields.get("expires_at", expiry_time(fields["tier"], now)),
    )


def updated_memory(before: Memory, fields: Mapping[str, Any], now: datetime) -> Memory:
    """Return `before` with the changes of `update_fields`.

    Raises:
        ServiceError: 409, if `before` isn't the version that the fields ask for; 500, if they have
            no new content and another program changed the old one.
    """
    _check_version(before, fields.get("if_updated_at"))
    # Later also if the clock was set back: each version has a time of its own, for `if_updated_at`.
    updated_at = max(now, before.updated_at + timedelta.resolution)
    after = replace(before if "content" in fields else verified(before), updated_at=updated_at)
    if "content" in fields:
        content = fields["content"]
        after = replace(
            after,
            content=content,
            pii_fields=fields["pii_fields"],
            integrity_hash=integrity_hash(content),
        )
    tier = fields.get("tier", before.tier)
    moved = expiry_after_move(before.expires_at, before.tier, tier, now)
    return replace(
        after,
        tier=tier,
        expires_at=fields.get("expires_at", moved),
        importance_score=float(fields.get("importance_score", before.importance_score)),
        memory_nature=fields.get("memory_nature", before.memory_nature),
        metadata=_metadata(before.metadata, fields),
    )


def upserted_memory(before: Memory, fields: Mapping[str, Any], now: datetime) -> Memory:
    """Return `before` with those of `create_fields` that the request gave; itself if all are equal.

    Raises:
        ServiceError: 400, if the fields contradict those of `before`.
    """
    after = updated_memory(before, fields, now)
    after = replace(after, **{name: fields[name] for name in _UPSERTED if name in fields})
    if after.parent_memory_id == before.id:
        raise validation_error("body.parent_memory_id", "must not be the memory itself")
    check_dates(after, fields)
    # Not as Python values, of which True and 1 are equal.
    if canonical_json(after.metadata) != canonical_json(before.metadata):
        return after
    unchanged = replace(after, metadata=before.metadata, updated_at=before.updated_at)
    return before if unchanged == before else after


def check_dates(memory: Memory, fields: Mapping[str, Any]) -> None:
    """Check that a memory with imported times was not accessed before its creation.

    Raises:
        ServiceError: 400, if it was.
    """
    last = memory.last_accessed_at
    if last is None or not fields.keys() & {"created_at", "last_accessed_at"}:
        return
    if last < memory.created_at:
        raise validation_error("body.last_accessed_at", "must not be before created_at")


def _common_fields(caller: Caller, body: Mapping[str, Any], now: datetime) -> dict[str, Any]:
    fields = {**body, "scope_tags": caller.scope_tags}
    for name in _TIMES:
        if body.get(name) is not None:
            fields[name] = parse_time(f"body.{name}", body[name])
    expires_at = fields.get("expires_at")
    if expires_at is not None and expires_at <= now:
        raise validation_error("body.expires_at", "must be in the future")
    if caller.scope_tags and "tags" not in body:
        _check_tag_list(body, "because the API key adds its own tags")
    return fields


def _check_upsert(body: Mapping[str, Any]) -> None:
    if body.get("upsert"):
        if body.get("external_id") is None:
            raise validation_error("body.external_id", "is required with upsert")
    elif "upsert_within" in body:
        raise validation_error("body.upsert_within", "needs upsert: true")


def _check_tag_list(body: Mapping[str, Any], reason: str) -> None:
    if not isinstance(body.get("metadata", {}).get("tags", []), list):
        raise validation_error("body.metadata.tags", f"must be a list, {reason}")


def _check_version(memory: Memory, expected: datetime | None) -> None:
    if expected not in {None, memory.updated_at}:
        raise conflict(
            "The memory was changed in the meantime: its updated_at is "
            f"{format_timestamp(memory.updated_at)}. Get it again before you update it"
        )


def _metadata(before: dict[str, Any], fields: Mapping[str, Any]) -> dict[str, Any]:
    """Return the metadata of a memory after a change.

    The given metadata replaces the old metadata, but tags and entities that it doesn't name stay:
    they decide who finds the memory.
    """
    after = before
    if "metadata" in fields:
        given = fields["metadata"]
        kept = {name: before[name] for name in ASSIGNMENTS if name in before and name not in given}
        after = {**given, **kept}
    if fields.get("tags") or ("tags" in fields and "tags" in after):
        after = {**after, "tags": _distinct(fields["tags"])}
    return metadata_in_scope(after, fields.get("scope_tags", ()))


def _distinct(tags: Sequence[Any]) -> list[Any]:
    """Return tags without those whose name has come before. Values that are no texts stay."""
    seen: set[str] = set()
    kept = []
    for tag in tags:
        name = tag_name(tag) if isinstance(tag, str) else None
        if name not in seen:
            kept.append(tag)
        if name is not None:
            seen.add(name)
    return kept


def _detect_pii(content: str) -> tuple[str, ...]:
    with importing():  # compiles its patterns, which takes longer than a list
        from memoryos_server.pii.detection import detect
    return detect(content)
