"""Checks of `update_memory`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Dict

from memoryos.contract_testing.expectations import expect_status, expect, expect_rejected, expect_fields, expect_object
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
# What a change of another field may move as well: the tier brings its own expiry and decay.
_MOVING = {"access_count", "last_accessed_at", "relevance_score", "updated_at"}
_MOVED_WITH = {
    "tier": {"expires_at", "decay_rate"},
    "content": {"integrity_hash", "pii_detected", "pii_fields", "confidence_score"},
}


@CHECKS.register("update_memory")
def update_changes_one_field_alone(target: Target) -> None:
    """Each field can be changed by itself, and the others stay as they are."""
    for name, value in _CHANGES.items():
        _change_alone(target, name, value)


@CHECKS.register("update_memory")
def update_of_the_content_stays(target: Target) -> None:
    """New content replaces the old one, in the response and when it is read, and nothing else."""
    _change_alone(target, "content", target.unique_text("the new content, Zürich 日本 👩🏽‍🚀"))


@CHECKS.register("update_memory")
def update_replaces_the_whole_metadata(target: Target) -> None:
    """Metadata replaces the whole object: what is not in the new one is gone."""
    memory = target.create(metadata={"old": 1, "kept": {"a": 1}})
    wanted = {"kept": {"b": 2}}
    response = target.call("update_memory", memory_id=memory["id"], body={"metadata": wanted})
    expect_fields(expect_object(response, "replacing the metadata"), {"metadata": wanted}, response)
    again = target.call("get_memory", memory_id=memory["id"])
    expect_fields(expect_object(again, "reading it"), {"metadata": wanted}, again)


@CHECKS.register("update_memory")
def update_says_when(target: Target) -> None:
    """`updated_at` does not go back, and is not before `created_at`."""
    memory = target.create()
    response = target.call("update_memory", memory_id=memory["id"], body={"importance_score": 1})
    changed = expect_object(response, "changing a memory")
    before, after = timestamp(memory.get("updated_at")), timestamp(changed.get("updated_at"))
    created = timestamp(changed.get("created_at"))
    if before is not None and after is not None and created is not None:
        expect(after >= before and after >= created, "updated_at goes back", response)


@CHECKS.register("update_memory")
def update_of_an_unknown_id_is_not_found(target: Target) -> None:
    """An id that no memory has is not found."""
    invented = target.sender.invent_id()
    response = target.call("update_memory", memory_id=invented, body={"tier": "long"})
    expect_status(response, 404, "an id that no memory has")


@CHECKS.register("update_memory")
def update_refuses_a_malformed_id(target: Target) -> None:
    """An id that is no UUID is refused, or not found."""
    invented = target.sender.invent_id(uuid_like=False)
    response = target.call("update_memory", memory_id=invented, body={"tier": "long"})
    if response.status != 404:
        expect_rejected(response, "an id that is no UUID")


@CHECKS.register("update_memory", assumed=True)
def update_refuses_to_change_nothing(target: Target) -> None:
    """An update without any field is refused."""
    memory = target.create()
    response = target.call("update_memory", memory_id=memory["id"], body={})
    expect_rejected(response, "an update without any field")


@CHECKS.register("update_memory", assumed=True)
def update_refuses_what_can_not_be_changed(target: Target) -> None:
    """A field that only a creation has is refused."""
    memory = target.create()
    response = target.call("update_memory", memory_id=memory["id"], body={"content_type": "fact"})
    expect_rejected(response, "a change of content_type")


@CHECKS.register("update_memory")
def a_refused_update_changes_nothing(target: Target) -> None:
    """An update that is refused for one field has not changed the other."""
    memory = target.create(importance_score=0.5)
    body = {"importance_score": 0.75, "tier": "no such tier"}
    expect_rejected(target.call("update_memory", memory_id=memory["id"], body=body), "an unknown tier")
    response = target.call("get_memory", memory_id=memory["id"])
    expect_fields(expect_object(response, "reading it"), {"importance_score": 0.5}, response)


def _change_alone(target: Target, name: str, value: Any) -> None:
    memory = target.create(
        tier="long", importance_score=0.5, memory_nature="semantic", metadata={"kept": "so"}
    )
    response = target.call("update_memory", memory_id=memory["id"], body={name: value})
    moving = {name, *_MOVING, *_MOVED_WITH.get(name, ())}
    wanted = {field: shown for field, shown in memory.items() if field not in moving}
    wanted[name] = value
    expect_fields(expect_object(response, f"changing {name}"), wanted, response)
    again = target.call("get_memory", memory_id=memory["id"])
    expect_fields(expect_object(again, "reading it"), wanted, again)
