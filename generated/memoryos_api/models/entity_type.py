from __future__ import annotations

from typing import Literal, cast

EntityType = Literal["organization", "person", "place", "thing"]

ENTITY_TYPE_VALUES: set[EntityType] = {
    "organization",
    "person",
    "place",
    "thing",
}


def check_entity_type(value: str) -> EntityType:
    """Take a value as it is, whether this version of the contract lists it or not."""
    return cast("EntityType", value)
