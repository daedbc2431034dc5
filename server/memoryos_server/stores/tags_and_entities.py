"""Identity and order of tags, and rows of entity names, the same in all stores."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import NAMESPACE_OID, UUID, uuid5

from .row_mapper import detect_damage, from_json

if TYPE_CHECKING:
    from memoryos_server.model.records import TagSelection

__all__ = ["entity_key", "read_entity_names", "tag_id", "tag_order"]

_ORDER_BY = {
    "name": "folded {order}, name {order}",
    "memory_count": "memory_count {order}, folded, name",
    "created_at": "created_at {order}, folded, name",
}
_DIRECTIONS = {"asc": "ASC", "desc": "DESC"}


def tag_id(owner: str, name: str) -> UUID:
    """Return the id of the owner's tag called `name`."""
    return uuid5(NAMESPACE_OID, f"{owner}\0{name}")


def entity_key(entity_id: str) -> UUID:
    """Return the key by which references to an entity are indexed; an id can be of any length."""
    return uuid5(NAMESPACE_OID, entity_id)


def tag_order(selection: TagSelection) -> str:
    """Return the ORDER BY expressions for a selection."""
    return _ORDER_BY[selection.sort].format(order=_DIRECTIONS[selection.order])


@detect_damage
def read_entity_names(row: tuple[Any, ...]) -> tuple[str, tuple[str, ...]]:
    """Return the id of an entity, and its name and aliases, from a row of these three columns."""
    entity_id, name, aliases = row
    return entity_id, (name, *from_json(aliases))
