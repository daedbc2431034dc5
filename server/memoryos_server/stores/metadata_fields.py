"""Fields of metadata by which filters find memories, the same in all stores."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import NAMESPACE_OID, UUID, uuid5

from memoryos_server.model.json_equality import canonical_json

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["field_ids"]


def field_ids(owner: str, metadata: Mapping[str, Any]) -> list[UUID]:
    """Return an id for each key at the top level of an owner's metadata.

    Equal ids mean equal keys and equal values: a memory matches a filter if it has all of its ids.
    They are indexed in place of the values, which can be of any length.
    """
    return [
        uuid5(NAMESPACE_OID, f"{owner}\0{canonical_json([key, value])}")
        for key, value in metadata.items()
    ]
