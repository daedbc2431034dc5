"""Operations on memories: create, list, get, update, delete."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING, Any

from memoryos_server.model.errors import not_found, validation_error
from memoryos_server.model.idempotency import IdempotencyRecord
from memoryos_server.model.integrity import verified
from memoryos_server.model.metadata import canonical_id, tag_name
from memoryos_server.model.phases import EMBEDDING
from memoryos_server.model.scope_tags import scope_key
from memoryos_server.search.decay import DECAY_RATES_PER_HOUR, refreshed_since
from memoryos_server.stores.protocol import UnknownParentError

from .idempotent_create import create_once, idempotency_key, idempotency_record
from .memory_changes import (
    check_dates,
    create_fields,
    new_memory,
    update_fields,
    updated_memory,
    upserted_memory,
)
from .results import Result, page_result
from .selections import selection_of
from .serializers import memory_object

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping
    from datetime import datetime

    import numpy as np
    from numpy.typing import NDArray

    from memoryos_server.embedders import Embedder
    from memoryos_server.model.caller import Caller
    from memoryos_server.model.records import Memory, Selection
    from memoryos_server.stores.protocol import MemoryStore

    from .access_log import AccessLog

__all__ = ["Memories"]

MAX_CLOCK_STEP = timedelta(hours=1)
"""How far the clock may be set back before creation times go back, too."""


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

    def create(
        self,
        caller: Caller,
        parameters: Mapping[str, Any],
        body: dict[str, Any],
        defaulted: Collection[str],
    ) -> Result:
        """Create or upsert a memory, once per idempotency key.

        Args:
            caller: The caller.
            parameters: The idempotency key, if there is one.
            body: A `MemoryCreate` body.
            defaulted: The fields that the body has by default only: an upsert doesn't change them.
        """
        now = self._clock()
        fields = create_fields(caller, body, now)
        key = idempotency_key(parameters, caller)
        newest, repeated = self._store.before_creation(caller.owner, key, now)
        created = creation_time(now, newest)
        memory = new_memory(fields, owner=caller.owner, memory_id=self._new_id(), now=created)
        record = idempotency_record(
            key,
            body,
            caller=caller,
            operation="create_memory",
            record_id=memory.id,
            created_at=created,
        )
        if body.get("upsert"):
            given = {name: fields[name] for name in fields if name not in defaulted}
            given["pii_fields"] = memory.pii_fields
            return self._upsert(caller, memory, given, (record, repeated), now)
        check_dates(memory, fields)
        within = caller.selection(now)
        earlier = create_once(record, repeated, lambda: self._add(memory, record, within))
        self._access_log.flush_if_possible(caller.owner, now)
        if earlier is not None:
            memory = new_memory(
                fields, owner=caller.owner, memory_id=earlier.record_id, now=earlier.created_at
            )
        return Result(memory_object(memory, memory.updated_at))

    def list(self, caller: Caller, parameters: Mapping[str, Any]) -> Result:
        """Return one page of memories, newest first. Listing does not count as an access."""
        now = self._clock()
        selection = selection_of(caller, parameters, now, location="query")
        minimum = parameters.get("min_relevance")
        if minimum is not None:
            self._access_log.flush_if_possible(caller.owner, now)
            selection = replace(selection, refreshed_since=_earliest_refresh(minimum, now))
        limit, offset = parameters["limit"], parameters["offset"]
        memories, total = self._store.list_memories(selection, limit, offset)
        items = [
            memory_object(self._access_log.with_pending_accesses(verified(memory)), now)
            for memory in memories
        ]
        return page_result(items, total=total, limit=limit, offset=offset)

    def get(self, caller: Caller, parameters: Mapping[str, Any]) -> Result:
        """Return a memory; the call counts as an access unless it is `uncounted`."""
        now = self._clock()
        memory = self._find(caller, canonical_id(parameters["memory_id"]), now)
        verified(memory)
        if not parameters.get("uncounted"):
            self._access_log.record(memory.owner, [memory.id], now)
        return Result(memory_object(self._access_log.with_pending_accesses(memory), now))

    def update(self, caller: Caller, parameters: Mapping[str, Any], body: dict[str, Any]) -> Result:
        """Update the given fields of a memory."""
        now = self._clock()
        memory_id = canonical_id(parameters["memory_id"])
        change = partial(updated_memory, fields=update_fields(caller, body, now), now=now)
        before = self._find(caller, memory_id, now)
        # Before the embedding, which a conflict makes unnecessary.
        vector = self._embed_change(before, change(before))
        memory = self._store.update_memory(caller.selection(now), memory_id, change, vector)
        if memory is None:
            raise not_found("Memory")
        self._access_log.flush_if_possible(caller.owner, now)
        return Result(memory_object(self._access_log.with_pending_accesses(memory), now))

    def delete(self, caller: Caller, parameters: Mapping[str, Any]) -> Result:
        """Delete a memory."""
        memory_id = canonical_id(parameters["memory_id"])
        if not self._store.delete_memory(caller.selection(self._clock()), memory_id):
            raise not_found("Memory")
        return Result({"deleted": True})

    def _upsert(
        self,
        caller: Caller,
        new: Memory,
        given: dict[str, Any],
        records: tuple[IdempotencyRecord | None, IdempotencyRecord | None],
        now: datetime,
    ) -> Result:
        """Replace the memory of the external id, or store a new one.

        Args:
            caller: The caller.
            new: The memory to store if there is none.
            given: The fields to change.
            records: The idempotency record of this request, and the stored one of the same key.
            now: The current time.
        """
        record, repeated = records
        within = dict.fromkeys(map(tag_name, given.get("upsert_within", ())))
        scope = dict.fromkeys((*caller.scope_tags, *filter(scope_key, within)))
        target = replace(
            caller.selection(now),
            external_id=new.external_id,
            tags=tuple(within),
            scope_tags=tuple(scope),  # who has the tags of others, too, is in neither's scope
        )
        change = partial(upserted_memory, fields=given, now=now)

        def add() -> Memory | IdempotencyRecord:
            # A lookup by key is no access. If another upsert comes between it and the transaction,
            # the vector may be missing; the next search adds it.
            found, _ = self._store.list_memories(target, 1, 0)
            if found:
                vector = self._embed_change(found[0], change(found[0]))
            else:
                check_dates(new, given)
                vector = self._embed(new.content)
            with _unknown_parents_rejected():
                return self._store.upsert_memory(new, vector, record, target, change)

        outcome = create_once(record, repeated, add)
        self._access_log.flush_if_possible(caller.owner, now)
        if isinstance(outcome, IdempotencyRecord):
            outcome = self._find(caller, outcome.record_id, now)
        return Result(memory_object(self._access_log.with_pending_accesses(outcome), now))

    def _find(self, caller: Caller, memory_id: str, now: datetime) -> Memory:
        memory = self._store.find_memory(caller.selection(now), memory_id)
        if memory is None:
            raise not_found("Memory")
        return memory

    def _add(
        self, memory: Memory, record: IdempotencyRecord | None, within: Selection
    ) -> IdempotencyRecord | None:
        vector = self._embed(memory.content)
        with _unknown_parents_rejected():
            return self._store.add_memory(memory, vector, record, within)

    def _embed_change(self, before: Memory, after: Memory) -> NDArray[np.float32] | None:
        """Return the vector of new content, or None if the content stays."""
        return None if after.content == before.content else self._embed(after.content)

    def _embed(self, content: str) -> NDArray[np.float32] | None:
        if self._embedder is None:
            return None
        with EMBEDDING:
            row: NDArray[np.float32] = self._embedder.embed([content])[0]
        return row


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


@contextmanager
def _unknown_parents_rejected() -> Iterator[None]:
    try:
        yield
    except UnknownParentError:
        raise validation_error("body.parent_memory_id", "no memory has this ID") from None


def _earliest_refresh(minimum: float, now: datetime) -> dict[str, datetime]:
    return {tier: refreshed_since(tier, minimum, now) for tier in DECAY_RATES_PER_HOUR}
