"""Operations on memories: create, list, get, update, delete."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from memoryos_server.model.errors import not_found, validation_error
from memoryos_server.model.integrity import integrity_hash, verified
from memoryos_server.model.memory_expiry import expiry_time
from memoryos_server.model.metadata import ASSIGNMENTS, canonical_id
from memoryos_server.model.records import Memory
from memoryos_server.per_process import importing
from memoryos_server.search.decay import DECAY_RATES_PER_HOUR, refreshed_since
from memoryos_server.stores.protocol import UnknownParentError

from .idempotent_create import create_once, idempotency_record
from .results import Result, page_result
from .selections import selection_of
from .serializers import memory_object

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    import numpy as np
    from numpy.typing import NDArray

    from memoryos_server.embedders import Embedder
    from memoryos_server.model.caller import Caller
    from memoryos_server.model.idempotency import IdempotencyRecord
    from memoryos_server.stores.protocol import MemoryStore

    from .access_log import AccessLog

__all__ = ["Memories"]

DEFAULT_IMPORTANCE = 0.5
"""`importance_score` of a new memory by default, 0 to 1."""

MAX_CLOCK_STEP = timedelta(hours=1)
"""How far the clock may be set back before creation times go back, too."""

CONFIDENCE = 1.0
"""`confidence_score` of every memory: this server doesn't estimate it."""


class Memories:
    """The operations on `/memories`.

    Args:
        store: The store.
        embedder: Computes the vectors, or None to store memories without vectors.
        access_log: Counts the accesses.
        clock: Returns the current time.
        new_id: Returns a new UUID.
    """

    def __init__(
        self,
        store: MemoryStore,
        embedder: Embedder | None,
        access_log: AccessLog,
        clock: Callable[[], datetime],
        new_id: Callable[[], str],
    ) -> None:
        self._store = store
        self._embedder = embedder
        self._access_log = access_log
        self._clock = clock
        self._new_id = new_id

    def create(self, caller: Caller, parameters: Mapping[str, Any], body: dict[str, Any]) -> Result:
        """Create a memory, once per idempotency key."""
        now = self._clock()
        created = creation_time(now, self._store.newest_creation(caller.owner))
        memory = new_memory(body, owner=caller.owner, memory_id=self._new_id(), now=created)
        record = idempotency_record(
            parameters,
            body,
            owner=caller.owner,
            operation="create_memory",
            record_id=memory.id,
            created_at=created,
        )
        earlier = create_once(self._store, record, lambda: self._add(memory, record, now), now)
        self._access_log.flush_if_possible()
        if earlier is not None:
            memory = new_memory(
                body, owner=caller.owner, memory_id=earlier.record_id, now=earlier.created_at
            )
        return Result(memory_object(memory, memory.created_at))

    def list(self, caller: Caller, parameters: Mapping[str, Any]) -> Result:
        """Return one page of memories, newest first. Listing does not count as an access."""
        now = self._clock()
        minimum = parameters.get("min_relevance")
        if minimum is not None:
            self._access_log.flush_if_possible()
        selection = replace(
            selection_of(caller, parameters, now, location="query"),
            refreshed_since=None if minimum is None else _earliest_refresh(minimum, now),
        )
        limit, offset = parameters["limit"], parameters["offset"]
        memories, total = self._store.list_memories(selection, limit, offset)
        items = [
            memory_object(self._access_log.with_pending_accesses(verified(memory)), now)
            for memory in memories
        ]
        return page_result(items, total=total, limit=limit, offset=offset)

    def get(self, caller: Caller, parameters: Mapping[str, Any]) -> Result:
        """Return a memory; the call counts as an access."""
        now = self._clock()
        memory = self._store.find_memory(caller.owner, canonical_id(parameters["memory_id"]), now)
        if memory is None:
            raise not_found("Memory")
        verified(memory)
        self._access_log.record([memory.id], now)
        return Result(memory_object(self._access_log.with_pending_accesses(memory), now))

    def update(self, caller: Caller, parameters: Mapping[str, Any], body: dict[str, Any]) -> Result:
        """Update the given fields of a memory."""
        now = self._clock()
        memory_id = canonical_id(parameters["memory_id"])
        if self._store.find_memory(caller.owner, memory_id, now) is None:
            raise not_found("Memory")
        vector = self._embed(body["content"]) if "content" in body else None
        change = body
        if "content" in body:
            change = {**body, "pii_fields": _detect_pii(body["content"])}
        memory = self._store.update_memory(
            caller.owner, memory_id, lambda before: updated_memory(before, change, now), vector, now
        )
        if memory is None:
            raise not_found("Memory")
        self._access_log.flush_if_possible()
        return Result(memory_object(self._access_log.with_pending_accesses(memory), now))

    def delete(self, caller: Caller, parameters: Mapping[str, Any]) -> Result:
        """Delete a memory."""
        memory_id = canonical_id(parameters["memory_id"])
        if not self._store.delete_memory(caller.owner, memory_id, self._clock()):
            raise not_found("Memory")
        return Result({"deleted": True})

    def _add(
        self, memory: Memory, record: IdempotencyRecord | None, now: datetime
    ) -> IdempotencyRecord | None:
        vector = self._embed(memory.content)
        try:
            return self._store.add_memory(memory, vector, record, now)
        except UnknownParentError:
            raise validation_error("body.parent_memory_id", "no memory has this ID") from None

    def _embed(self, content: str) -> NDArray[np.float32] | None:
        return None if self._embedder is None else self._embedder.embed([content])[0]


def creation_time(now: datetime, newest: datetime | None) -> datetime:
    """Return the creation time of a new memory: no earlier than that of the owner's newest one.

    So memories stay in the order of their creation when the clock is set back, or when the clocks
    of several servers differ. A newest memory that is far in the future was dated by a wrong clock,
    and is ignored.

    Args:
        now: The current time.
        newest: When the newest memory was created, or None if there is none.
    """
    if newest is not None and now < newest <= now + MAX_CLOCK_STEP:
        return newest
    return now


def new_memory(body: dict[str, Any], *, owner: str, memory_id: str, now: datetime) -> Memory:
    """Return a new memory with the fields of a `MemoryCreate` body."""
    parent = body.get("parent_memory_id")
    return Memory(
        id=memory_id,
        owner=owner,
        content=body["content"],
        content_type=body["content_type"],
        tier=body["tier"],
        memory_nature=body.get("memory_nature"),
        importance_score=float(body.get("importance_score", DEFAULT_IMPORTANCE)),
        confidence_score=CONFIDENCE,
        access_count=0,
        last_accessed_at=None,
        parent_memory_id=None if parent is None else canonical_id(parent),
        external_id=body.get("external_id"),
        source_id=body.get("source_id"),
        metadata=body.get("metadata", {}),
        pii_fields=_detect_pii(body["content"]),
        integrity_hash=integrity_hash(body["content"]),
        created_at=now,
        updated_at=now,
        expires_at=expiry_time(body["tier"], now),
    )


def updated_memory(before: Memory, body: dict[str, Any], now: datetime) -> Memory:
    """Return `before` with the changes of a `MemoryUpdate` body.

    A body with a new content also has its `pii_fields`: detecting them takes too long for a
    transaction.

    Raises:
        ServiceError: 500, if the body has no new content and another program changed the old one.
    """
    updated_at = max(now, before.updated_at)  # the clock may have been set back
    after = replace(before if "content" in body else verified(before), updated_at=updated_at)
    if "content" in body:
        content = body["content"]
        after = replace(
            after,
            content=content,
            pii_fields=body["pii_fields"],
            integrity_hash=integrity_hash(content),
        )
    if body.get("tier", before.tier) != before.tier:
        after = replace(after, tier=body["tier"], expires_at=expiry_time(body["tier"], now))
    return replace(
        after,
        importance_score=float(body.get("importance_score", before.importance_score)),
        memory_nature=body.get("memory_nature", before.memory_nature),
        metadata=updated_metadata(before.metadata, body.get("metadata")),
    )


def updated_metadata(before: dict[str, Any], given: dict[str, Any] | None) -> dict[str, Any]:
    """Return the metadata of a memory after an update.

    The given metadata replaces the old metadata, but tags and entities that it doesn't name stay:
    they decide who finds the memory.
    """
    if given is None:
        return before
    kept = {name: before[name] for name in ASSIGNMENTS if name in before and name not in given}
    return {**given, **kept}


def _detect_pii(content: str) -> tuple[str, ...]:
    with importing():  # compiles its patterns, which takes longer than a list
        from memoryos_server.pii.detection import detect
    return detect(content)


def _earliest_refresh(minimum: float, now: datetime) -> dict[str, datetime]:
    return {tier: refreshed_since(tier, minimum, now) for tier in DECAY_RATES_PER_HOUR}
