"""Adopt memories into scopes: the tag that a memory gets for a field of its metadata. Pure.

Applications that followed the vendor's examples keep a user's name in `metadata.user_id`. A scope
finds the user's memories when they have its tag.
"""

from __future__ import annotations

from typing import Any, Dict, List, Mapping, NamedTuple, Optional, cast

from memoryos._protocol.response_fields import reading
from memoryos._protocol.scopes import Scope
from memoryos.exceptions import ValidationError

__all__ = ["OUTCOMES", "Adoption", "adoption"]

OUTCOMES = ("tagged", "already", "without", "other", "unusable", "changed")
"""What may become of a memory: it gets the tag; it has it; it lacks the field; it belongs to
another scope with the same key; its field or its tags can't be used; it was changed meanwhile.
"""


class Adoption(NamedTuple):
    """What is to become of a memory."""

    outcome: str
    """One of `OUTCOMES`."""
    metadata: Optional[Dict[str, Any]] = None
    """The new metadata of a memory that gets the tag."""


def adoption(memory: Mapping[str, Any], field: str, key: str) -> Adoption:
    """Decide what is to become of a memory.

    Args:
        memory: The memory.
        field: The name of the field in the metadata, such as `user_id`.
        key: The key of the scope, such as `user`.
    """
    with reading("a memory"):
        metadata: Dict[str, Any] = {**memory["metadata"]}
    scope = _scope(key, metadata.get(field))
    present = metadata.get("tags")
    if metadata.get(field) is None:
        return Adoption("without")
    if scope is None or not (present is None or isinstance(present, list)):
        return Adoption("unusable")
    if scope.covers(memory):
        return Adoption("already")
    tags: List[Any] = cast("Any", present) or []
    if any(map(scope.is_foreign, tags)):
        return Adoption("other")
    return Adoption("tagged", {**metadata, "tags": [*tags, *scope.tags]})


def _scope(key: str, value: Any) -> Optional[Scope]:
    """Return the scope of a value, a text or an integer; None for another one."""
    if isinstance(value, bool) or not isinstance(value, (str, int)):
        return None
    try:
        return Scope({key: str(value)})
    except ValidationError:  # empty, or no text that can be encoded
        return None
