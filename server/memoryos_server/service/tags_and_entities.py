"""Listing tags; listing and registering entities."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from memoryos_server.model.records import Entity

from .idempotency import earlier_claim, wanted_claim
from .results import Answer, page
from .serializers import entity_object, tag_object

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from memoryos_server.model.caller import Caller
    from memoryos_server.stores.protocol import Store

__all__ = ["Labels"]


class Labels:
    """The operations on `/tags` and `/entities`.

    Args:
        store: where they are kept.
        clock: returns the present time.
        new_id: returns a new id.
    """

    def __init__(
        self, store: Store, clock: Callable[[], datetime], new_id: Callable[[], str]
    ) -> None:
        self._store = store
        self._clock = clock
        self._new_id = new_id

    def list_tags(self, caller: Caller, parameters: Mapping[str, Any]) -> Answer:
        """Return one page of tags."""
        limit, offset = parameters["limit"], parameters["offset"]
        tags, total = self._store.page_of_tags(
            caller.owner,
            search=parameters.get("search"),
            sort=parameters["sort"],
            order=parameters["order"],
            limit=limit,
            offset=offset,
            now=self._clock(),
        )
        return page([tag_object(tag) for tag in tags], total=total, limit=limit, offset=offset)

    def list_entities(self, caller: Caller, parameters: Mapping[str, Any]) -> Answer:
        """Return one page of entities, by name."""
        limit, offset = parameters["limit"], parameters["offset"]
        entities, total = self._store.page_of_entities(
            caller.owner,
            entity_type=parameters.get("type"),
            search=parameters.get("search"),
            limit=limit,
            offset=offset,
        )
        items = [entity_object(entity) for entity in entities]
        return page(items, total=total, limit=limit, offset=offset)

    def create_entity(
        self, caller: Caller, parameters: Mapping[str, Any], body: dict[str, Any]
    ) -> Answer:
        """Register an entity; once, however often it is asked for with one idempotency key."""
        now = self._clock()
        entity = new_entity(body, owner=caller.owner, entity_id=self._new_id(), now=now)
        wanted = wanted_claim(
            parameters,
            body,
            owner=caller.owner,
            operation="create_entity",
            record_id=entity.id,
            now=now,
        )
        earlier = earlier_claim(self._store, wanted, lambda: self._store.add_entity(entity, wanted))
        if earlier is not None:
            entity = new_entity(
                body, owner=caller.owner, entity_id=earlier.record_id, now=earlier.created_at
            )
        return Answer(entity_object(entity))


def new_entity(body: dict[str, Any], *, owner: str, entity_id: str, now: datetime) -> Entity:
    """Return the entity that an `EntityCreate` asks for."""
    return Entity(
        id=entity_id,
        owner=owner,
        name=body["name"],
        type=body["type"],
        aliases=tuple(body.get("aliases", ())),
        metadata=body.get("metadata", {}),
        created_at=now,
    )
