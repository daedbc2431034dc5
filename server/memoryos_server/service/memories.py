"""Creating, reading, changing and deleting single memories."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from memoryos_server.model.errors import not_found, validation_error
from memoryos_server.model.integrity import integrity_hash, verified
from memoryos_server.model.metadata import canonical_id
from memoryos_server.model.records import Memory, Selection
from memoryos_server.pii.detection import detect
from memoryos_server.search.decay import DECAY_RATES, refreshed_since
from memoryos_server.stores.protocol import UnknownParentError

from .idempotency import earlier_claim, wanted_claim
from .results import Answer, page
from .serializers import memory_object

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    import numpy as np
    from numpy.typing import NDArray

    from memoryos_server.embedders import Embedder
    from memoryos_server.model.caller import Caller
    from memoryos_server.model.records import Claim
    from memoryos_server.stores.protocol import Store

    from .access_log import AccessLog

__all__ = ["SHORT_TIER_LIFETIME", "Memories"]

SHORT_TIER_LIFETIME = timedelta(hours=24)
"""How long a memory of the short tier is kept."""

_DEFAULT_IMPORTANCE = 0.5
_FULL_CONFIDENCE = 1.0


class Memories:
    """The operations on `/memories`.

    Args:
        store: where they are kept.
        embedder: makes their vectors, or None for none.
        accesses: counts the reads.
        clock: returns the present time.
        new_id: returns a new id.
    """

    def __init__(
        self,
        store: Store,
        embedder: Embedder | None,
        accesses: AccessLog,
        clock: Callable[[], datetime],
        new_id: Callable[[], str],
    ) -> None:
        self._store = store
        self._embedder = embedder
        self._accesses = accesses
        self._clock = clock
        self._new_id = new_id

    def create(self, caller: Caller, parameters: Mapping[str, Any], body: dict[str, Any]) -> Answer:
        """Store a memory; once, however often it is asked for with one idempotency key."""
        now = self._clock()
        memory = new_memory(body, owner=caller.owner, memory_id=self._new_id(), now=now)
        wanted = wanted_claim(
            parameters,
            body,
            owner=caller.owner,
            operation="create_memory",
            record_id=memory.id,
            now=now,
        )
        earlier = earlier_claim(self._store, wanted, lambda: self._add(memory, wanted))
        self._accesses.flush_if_possible()
        if earlier is not None:
            memory = new_memory(
                body, owner=caller.owner, memory_id=earlier.record_id, now=earlier.created_at
            )
        return Answer(memory_object(memory, memory.created_at))

    def list(self, caller: Caller, parameters: Mapping[str, Any]) -> Answer:
        """Return one page of memories, newest first; this is no access."""
        now = self._clock()
        minimum = parameters.get("min_relevance")
        if minimum is not None:
            self._accesses.flush_if_possible()
        selection = Selection(
            owner=caller.owner,
            now=now,
            tier=parameters.get("tier"),
            content_type=parameters.get("content_type"),
            memory_nature=parameters.get("memory_nature"),
            refreshed_since=None if minimum is None else _freshness(minimum, now),
        )
        limit, offset = parameters["limit"], parameters["offset"]
        found, total = self._store.page_of_memories(selection, limit, offset)
        items = [memory_object(self._accesses.applied(verified(memory)), now) for memory in found]
        return page(items, total=total, limit=limit, offset=offset)

    def get(self, caller: Caller, parameters: Mapping[str, Any]) -> Answer:
        """Return one memory, as it is after this access."""
        now = self._clock()
        memory = self._store.memory(caller.owner, canonical_id(parameters["memory_id"]), now)
        if memory is None:
            raise not_found("Memory")
        verified(memory)
        self._accesses.record([memory.id], now)
        return Answer(memory_object(self._accesses.applied(memory), now))

    def update(self, caller: Caller, parameters: Mapping[str, Any], body: dict[str, Any]) -> Answer:
        """Change the given fields of a memory."""
        now = self._clock()
        memory_id = canonical_id(parameters["memory_id"])
        if self._store.memory(caller.owner, memory_id, now) is None:
            raise not_found("Memory")
        vector = self._embed(body["content"]) if "content" in body else None
        memory = self._store.change_memory(
            caller.owner, memory_id, lambda before: changed_memory(before, body, now), vector, now
        )
        if memory is None:
            raise not_found("Memory")
        self._accesses.flush_if_possible()
        return Answer(memory_object(self._accesses.applied(memory), now))

    def delete(self, caller: Caller, parameters: Mapping[str, Any]) -> Answer:
        """Delete a memory for good."""
        memory_id = canonical_id(parameters["memory_id"])
        if not self._store.remove_memory(caller.owner, memory_id, self._clock()):
            raise not_found("Memory")
        return Answer({"deleted": True})

    def _add(self, memory: Memory, claim: Claim | None) -> Claim | None:
        vector = self._embed(memory.content)
        try:
            return self._store.add_memory(memory, vector, claim)
        except UnknownParentError:
            raise validation_error("body.parent_memory_id", "there is no such memory") from None

    def _embed(self, content: str) -> NDArray[np.float32] | None:
        return None if self._embedder is None else self._embedder.embed([content])[0]


def new_memory(body: dict[str, Any], *, owner: str, memory_id: str, now: datetime) -> Memory:
    """Return the memory that a `MemoryCreate` asks for."""
    parent = body.get("parent_memory_id")
    return Memory(
        id=memory_id,
        owner=owner,
        content=body["content"],
        content_type=body["content_type"],
        tier=body["tier"],
        memory_nature=body.get("memory_nature"),
        importance_score=float(body.get("importance_score", _DEFAULT_IMPORTANCE)),
        confidence_score=_FULL_CONFIDENCE,
        access_count=0,
        last_accessed_at=None,
        parent_memory_id=None if parent is None else canonical_id(parent),
        external_id=body.get("external_id"),
        source_id=body.get("source_id"),
        metadata=body.get("metadata", {}),
        pii_fields=detect(body["content"]),
        integrity_hash=integrity_hash(body["content"]),
        created_at=now,
        updated_at=now,
        expires_at=_expiry(body["tier"], now),
    )


def changed_memory(before: Memory, body: dict[str, Any], now: datetime) -> Memory:
    """Return the memory that a `MemoryUpdate` makes of `before`.

    Raises:
        ServiceError: with status 500, the content stays and is not the one that was stored.
    """
    after = replace(before if "content" in body else verified(before), updated_at=now)
    if "content" in body:
        content = body["content"]
        after = replace(
            after,
            content=content,
            pii_fields=detect(content),
            integrity_hash=integrity_hash(content),
        )
    if body.get("tier", before.tier) != before.tier:
        after = replace(after, tier=body["tier"], expires_at=_expiry(body["tier"], now))
    return replace(
        after,
        importance_score=float(body.get("importance_score", before.importance_score)),
        memory_nature=body.get("memory_nature", before.memory_nature),
        metadata=body.get("metadata", before.metadata),
    )


def _expiry(tier: str, now: datetime) -> datetime | None:
    return now + SHORT_TIER_LIFETIME if tier == "short" else None


def _freshness(minimum: float, now: datetime) -> dict[str, datetime]:
    return {tier: refreshed_since(tier, minimum, now) for tier in DECAY_RATES}
