"""Checks of `delete_memory`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Dict, List

from memoryos.contract_testing.expectations import (
    CheckFailedError,
    expect,
    expect_items,
    expect_object,
    expect_rejected,
    expect_status,
)

from .registry import Checks

if TYPE_CHECKING:
    from memoryos.contract_testing.target import Target

CHECKS = Checks()


@CHECKS.register("delete_memory")
def delete_says_so(target: Target) -> None:
    """A deletion returns `deleted: true`, or 204 without a body."""
    response = target.call("delete_memory", memory_id=target.create()["id"])
    if response.status != 204:
        data = expect_object(response, "deleting a memory")
        expect(data.get("deleted") is True, f"the response contains {str(data)[:80]}", response)


@CHECKS.register("delete_memory")
def a_deleted_memory_can_not_be_read(target: Target) -> None:
    """A deleted memory is not found by its id."""
    response = target.call("get_memory", memory_id=_deleted(target)["id"])
    expect_status(response, 404, "reading a deleted memory")


@CHECKS.register("delete_memory")
def a_deleted_memory_can_not_be_changed(target: Target) -> None:
    """A deleted memory can't be changed."""
    memory_id = _deleted(target)["id"]
    response = target.call("update_memory", memory_id=memory_id, body={"tier": "long"})
    expect_status(response, 404, "changing a deleted memory")


@CHECKS.register("delete_memory")
def a_second_deletion_finds_nothing(target: Target) -> None:
    """Deleting a deleted memory returns 404."""
    response = target.call("delete_memory", memory_id=_deleted(target)["id"])
    expect_status(response, 404, "deleting a deleted memory")


@CHECKS.register("delete_memory")
def a_deleted_memory_is_not_listed(target: Target) -> None:
    """A deleted memory is not listed."""
    memory = _deleted(target)

    def gone() -> None:
        response = target.call("list_memories", query={"limit": 20})
        _absent(
            memory["id"], expect_items(response, "a list"), "listed", response.request.describe()
        )

    target.eventually(gone)


@CHECKS.register("delete_memory")
def a_deleted_memory_is_not_found_by_a_search(target: Target) -> None:
    """A search for the exact content of a deleted memory doesn't find it."""
    memory = _deleted(target)

    def gone() -> None:
        body = {"query": memory["content"], "threshold": 0}
        response = target.call("search_memories", body=body)
        found = expect_object(response, "a search").get("results", [])
        _absent(memory["id"], found, "found by a search", response.request.describe())

    target.eventually(gone)


@CHECKS.register("delete_memory")
def a_deleted_memory_is_in_no_context(target: Target) -> None:
    """A context for the exact content of a deleted memory doesn't use it."""
    memory = _deleted(target)

    def gone() -> None:
        response = target.call("get_context", body={"query": memory["content"]})
        data = expect_object(response, "a context")
        request = response.request.describe()
        _absent(memory["id"], data.get("memories", []), "used in a context", request)
        text = str(data.get("context"))
        expect(memory["content"] not in text, "the text of a deleted memory is in a context")

    target.eventually(gone)


@CHECKS.register("delete_memory")
def delete_leaves_the_others(target: Target) -> None:
    """A deletion doesn't delete other memories, such as the parent."""
    kept = target.create(content=target.unique_text("parent of a deleted memory"))
    target.call("delete_memory", memory_id=target.create(parent_memory_id=kept["id"])["id"])
    response = target.call("get_memory", memory_id=kept["id"])
    expect_status(response, 200, "reading the parent of a deleted memory")


@CHECKS.register("delete_memory")
def delete_of_an_unknown_id_is_not_found(target: Target) -> None:
    """Deleting an unknown id returns 404."""
    response = target.call("delete_memory", memory_id=target.sender.invent_id())
    expect_status(response, 404, "deleting an unknown id")


@CHECKS.register("delete_memory")
def delete_refuses_a_malformed_id(target: Target) -> None:
    """A malformed id is rejected or not found."""
    response = target.call("delete_memory", memory_id=target.sender.invent_id(uuid_like=False))
    if response.status != 404:
        expect_rejected(response, "an id that is not a UUID")


def _deleted(target: Target) -> Dict[str, Any]:
    memory = target.create(content=target.unique_text("to be deleted, about a heron in the reeds"))
    response = target.call("delete_memory", memory_id=memory["id"])
    if not response.is_success:
        raise CheckFailedError(f"deleting a memory: status {response.status}", response)
    return memory


def _absent(memory_id: str, found: List[Any], how: str, request: str) -> None:
    for each in found:
        if isinstance(each, dict) and each.get("id") == memory_id:
            failed = CheckFailedError(f"a deleted memory is {how}")
            failed.request = request
            raise failed
