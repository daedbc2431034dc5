"""Checks of `get_memory`."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import uuid4

from memoryos.contract_testing.expectations import (
    expect,
    expect_fields,
    expect_object,
    expect_rejected,
    expect_status,
)

from .registry import Checks

if TYPE_CHECKING:
    from memoryos.contract_testing.target import Target

CHECKS = Checks()

_CHANGED_BY_ACCESS = {"access_count", "last_accessed_at", "relevance_score"}


@CHECKS.register("get_memory")
def get_shows_what_was_created(target: Target) -> None:
    """A memory is returned as it was created, except for fields that an access changes."""
    memory = target.create(tier="long", metadata={"subject": "reading"})
    response = target.call("get_memory", memory_id=memory["id"])
    kept = {name: value for name, value in memory.items() if name not in _CHANGED_BY_ACCESS}
    expect_fields(expect_object(response, "reading a memory"), kept, response)


@CHECKS.register("get_memory")
def get_of_an_unknown_id_is_not_found(target: Target) -> None:
    """Reading an unknown id returns 404."""
    response = target.call("get_memory", memory_id=str(uuid4()))
    expect_status(response, 404, "reading an unknown id")


@CHECKS.register("get_memory")
def get_refuses_a_malformed_id(target: Target) -> None:
    """A malformed id is rejected or not found."""
    for malformed in ("not-a-uuid", "0", "%00", "%F0%9F%97%9D", "a" * 1000):
        response = target.call("get_memory", memory_id=malformed)
        if response.status != 404:
            expect_rejected(response, f"the id {malformed[:20]!r}")


@CHECKS.register("get_memory", assumed=True)
def get_counts_as_an_access(target: Target) -> None:
    """Reading a memory counts as an access, and updates `last_accessed_at`."""
    memory_id = target.create(tier="long")["id"]
    target.call("get_memory", memory_id=memory_id)

    def counted() -> None:
        response = target.call("get_memory", memory_id=memory_id)
        memory = expect_object(response, "reading a memory")
        expect(memory.get("access_count", 0) >= 1, "access_count stays 0 after a get", response)
        expect(memory.get("last_accessed_at") is not None, "last_accessed_at stays null", response)

    target.eventually(counted)
