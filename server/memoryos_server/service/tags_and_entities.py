"""Operations on tags and entities."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from memoryos_server.model.records import Entity, EntitySelection, TagSelection

from .idempotent_create import create_once, idempotency_key, idempotency_record
from .results import Result, page_result
from .serializers import entity_object, tag_object

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from memoryos_server.model.caller import Caller
    from memoryos_server.stores.protocol import TagAndEntityStore

__all__ = ["TagsAndEntities"]


class TagsAndEntities:
    """The operations on `/tags` and `/entities`.

    Args:
        store: The store.
        clock: Returns the current time.
        new_id: Returns a new UUID.
    """

    def __init__(
        self, store: TagAndEntityStore, clock: Callable[[], datetime], new_id: Callable[[], str]
    ) -> None:
        self._store = store
        self._clock = clock
        self._new_id = new_id

    def list_tags(self, caller: Caller, parameters: Mapping[str, Any]) -> Result:
        """Return one page of tags."""
        limit, offset = parameters["limit"], parameters["offset"]
        selection = TagSelection(
            caller.selection(self._clock()),
            sort=parameters["sort"],
            order=parameters["order"],
            search=parameters.get("search"),
        )
        tags, total = self._store.list_tags(selection, limit, offset)
        return page_result(
            [tag_object(tag) for tag in tags], total=total, limit=limit, offset=offset
        )

    def list_entities(self, caller: Caller, parameters: Mapping[str, Any]) -> Result:
        """Return one page of entities, ordered by name."""
        limit, offset = parameters["limit"], parameters["offset"]
        selection = EntitySelection(
            caller.selection(self._clock()), parameters.get("type"), parameters.get("search")
        )
        entities, total = self._store.list_entities(selection, limit, offset)
        items = [entity_object(entity) for entity in entities]
        return page_result(items, total=total, limit=limit, offset=offset)

    def create_entity(
        self, caller: Caller, parameters: Mapping[str, Any], body: dict[str, Any]
    ) -> Result:
        """Create an entity, once per idempotency key."""
        now = self._clock()
        entity = new_entity(body, owner=caller.owner, entity_id=self._new_id(), now=now)
        key = idempotency_key(parameters, caller)
        record = idempotency_record(
            key,
            body,
            caller=caller,
            operation="create_entity",
            record_id=entity.id,
            created_at=now,
        )
        stored = None
        if key is not None:
            stored = self._store.find_idempotency_record(caller.owner, "create_entity", key, now)
        earlier = create_once(record, stored, lambda: self._store.add_entity(entity, record))
        if earlier is not None:
            entity = new_entity(
                body, owner=caller.owner, entity_id=earlier.record_id, now=earlier.created_at
            )
        return Result(entity_object(entity))


def new_entity(body: dict[str, Any], *, owner: str, entity_id: str, now: datetime) -> Entity:
    """Return a new entity with the fields of an `EntityCreate` body."""
    return Entity(
        id=entity_id,
        owner=owner,
        name=body["name"],
        type=body["type"],
        aliases=tuple(body.get("aliases", ())),
        metadata=body.get("metadata", {}),
        created_at=now,
    )
