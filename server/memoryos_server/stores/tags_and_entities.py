"""Tags and entities: what is the same in all stores."""

from __future__ import annotations

from typing import Any
from uuid import NAMESPACE_OID, UUID, uuid5

from .row_mapper import detect_damage, from_json

__all__ = ["read_entity_names", "tag_id", "tag_order"]

_ORDER_BY = {
    "name": "folded {order}, name {order}",
    "memory_count": "memory_count {order}, folded, name",
    "created_at": "created_at {order}, folded, name",
}
_DIRECTIONS = {"asc": "ASC", "desc": "DESC"}


def tag_id(owner: str, name: str) -> UUID:
    """Return the id of the owner's tag called `name`."""
    return uuid5(NAMESPACE_OID, f"{owner}\0{name}")


def tag_order(sort: str, order: str) -> str:
    """Return the ORDER BY expressions for the API's parameters `sort` and `order`."""
    return _ORDER_BY[sort].format(order=_DIRECTIONS[order])


@detect_damage
def read_entity_names(row: tuple[Any, ...]) -> tuple[str, tuple[str, ...]]:
    """Return the id of an entity, and its name and aliases, from a row of these three columns."""
    entity_id, name, aliases = row
    return entity_id, (name, *from_json(aliases))
