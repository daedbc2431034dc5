"""Checks of `update_memory`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Dict

from memoryos.contract_testing.expectations import (
    expect,
    expect_fields,
    expect_object,
    expect_rejected,
    expect_status,
)
from memoryos.contract_testing.safety import timestamp

from .registry import Checks

if TYPE_CHECKING:
    from memoryos.contract_testing.target import Target

CHECKS = Checks()

_CHANGES: Dict[str, Any] = {
    "tier": "medium",
    "importance_score": 0.125,
    "memory_nature": "episodic",
    "metadata": {"replaced": True},
}
# Fields that any update may change, and those that depend on an updated field.
_VOLATILE_FIELDS = {"access_count", "last_accessed_at", "relevance_score", "updated_at"}
_DEPENDENT_FIELDS = {
    "tier": {"expires_at", "decay_rate"},
    "content": {"integrity_hash", "pii_detected", "pii_fields", "confidence_score"},
}


@CHECKS.register("update_memory")
def update_changes_one_field_alone(target: Target) -> None:
    """Each field can be updated separately, and the other fields stay unchanged."""
    for name, value in _CHANGES.items():
        _update_one_field(target, name, value)


@CHECKS.register("update_memory")
def update_of_the_content_stays(target: Target) -> None:
    """A new content is returned by the update and by reading; other fields stay unchanged."""
    _update_one_field(target, "content", target.unique_text("the new content, Zürich 日本 👩🏽‍🚀"))


@CHECKS.register("update_memory")
def update_replaces_the_whole_metadata(target: Target) -> None:
    """New metadata replaces the old metadata; a service may keep tags and entities."""
    memory = target.create(metadata={"old": 1, "kept": {"a": 1}})
    wanted = {"kept": {"b": 2}}
    response = target.call("update_memory", memory_id=memory["id"], body={"metadata": wanted})
    expect_fields(expect_object(response, "replacing the metadata"), {"metadata": wanted}, response)
    again = target.call("get_memory", memory_id=memory["id"])
    expect_fields(expect_object(again, "reading the memory"), {"metadata": wanted}, again)


@CHECKS.register("update_memory")
def update_says_when(target: Target) -> None:
    """`updated_at` never decreases, and is not before `created_at`."""
    memory = target.create()
    response = target.call("update_memory", memory_id=memory["id"], body={"importance_score": 1})
    changed = expect_object(response, "changing a memory")
    before, after = timestamp(memory.get("updated_at")), timestamp(changed.get("updated_at"))
    created = timestamp(changed.get("created_at"))
    if before is not None and after is not None and created is not None:
        expect(
            after >= before and after >= created,
            "updated_at decreases or is before created_at",
            response,
        )


@CHECKS.register("update_memory")
def update_of_an_unknown_id_is_not_found(target: Target) -> None:
    """Updating an unknown id returns 404."""
    invented = target.sender.invent_id()
    response = target.call("update_memory", memory_id=invented, body={"tier": "long"})
    expect_status(response, 404, "updating an unknown id")


@CHECKS.register("update_memory")
def update_refuses_a_malformed_id(target: Target) -> None:
    """A malformed id is rejected or not found."""
    invented = target.sender.invent_id(uuid_like=False)
    response = target.call("update_memory", memory_id=invented, body={"tier": "long"})
    if response.status != 404:
        expect_rejected(response, "an id that is not a UUID")


@CHECKS.register("update_memory", assumed=True)
def update_refuses_to_change_nothing(target: Target) -> None:
    """An update without fields is rejected."""
    memory = target.create()
    response = target.call("update_memory", memory_id=memory["id"], body={})
    expect_rejected(response, "an update without fields")


@CHECKS.register("update_memory", assumed=True)
def update_refuses_what_can_not_be_changed(target: Target) -> None:
    """A field that can only be set on creation is rejected."""
    memory = target.create()
    response = target.call("update_memory", memory_id=memory["id"], body={"content_type": "fact"})
    expect_rejected(response, "a change of content_type")


@CHECKS.register("update_memory")
def a_refused_update_changes_nothing(target: Target) -> None:
    """A rejected update changes no field."""
    memory = target.create(importance_score=0.5)
    body = {"importance_score": 0.75, "tier": "no such tier"}
    expect_rejected(
        target.call("update_memory", memory_id=memory["id"], body=body), "an unknown tier"
    )
    response = target.call("get_memory", memory_id=memory["id"])
    expect_fields(
        expect_object(response, "reading the memory"), {"importance_score": 0.5}, response
    )


def _update_one_field(target: Target, name: str, value: Any) -> None:
    memory = target.create(
        tier="long", importance_score=0.5, memory_nature="semantic", metadata={"kept": "so"}
    )
    response = target.call("update_memory", memory_id=memory["id"], body={name: value})
    changing = {name, *_VOLATILE_FIELDS, *_DEPENDENT_FIELDS.get(name, ())}
    wanted = {field: shown for field, shown in memory.items() if field not in changing}
    wanted[name] = value
    expect_fields(expect_object(response, f"changing {name}"), wanted, response)
    again = target.call("get_memory", memory_id=memory["id"])
    expect_fields(expect_object(again, "reading the memory"), wanted, again)
