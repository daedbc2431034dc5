"""Checks of `delete_memory`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Dict, List

from memoryos.contract_testing.expectations import (
    Failed,
    answered,
    expect,
    items,
    refused,
    succeeded,
)

from .registry import Checks

if TYPE_CHECKING:
    from memoryos.contract_testing.target import Target

CHECKS = Checks()


@CHECKS.shows("delete_memory")
def delete_says_so(target: Target) -> None:
    """A deletion answers that the memory is deleted, or with 204 and nothing."""
    answer = target.call("delete_memory", memory_id=target.create()["id"])
    if answer.status != 204:
        data = succeeded(answer, "deleting a memory")
        expect(data.get("deleted") is True, f"the answer is {str(data)[:80]}", answer)


@CHECKS.shows("delete_memory")
def a_deleted_memory_can_not_be_read(target: Target) -> None:
    """A deleted memory is not found by its id."""
    answer = target.call("get_memory", memory_id=_deleted(target)["id"])
    answered(answer, 404, "reading a deleted memory")


@CHECKS.shows("delete_memory")
def a_deleted_memory_can_not_be_changed(target: Target) -> None:
    """A deleted memory can't be changed."""
    memory_id = _deleted(target)["id"]
    answer = target.call("update_memory", memory_id=memory_id, body={"tier": "long"})
    answered(answer, 404, "changing a deleted memory")


@CHECKS.shows("delete_memory")
def a_second_deletion_finds_nothing(target: Target) -> None:
    """A memory that is deleted already is not found."""
    answer = target.call("delete_memory", memory_id=_deleted(target)["id"])
    answered(answer, 404, "a second deletion")


@CHECKS.shows("delete_memory")
def a_deleted_memory_is_not_listed(target: Target) -> None:
    """A deleted memory is not among the newest."""
    memory = _deleted(target)

    def gone() -> None:
        answer = target.call("list_memories", query={"limit": 20})
        _absent(memory["id"], items(answer, "a list"), "listed", answer.request.describe())

    target.eventually(gone)


@CHECKS.shows("delete_memory")
def a_deleted_memory_is_not_found_by_a_search(target: Target) -> None:
    """A search for the very content of a deleted memory does not find it."""
    memory = _deleted(target)

    def gone() -> None:
        body = {"query": memory["content"], "threshold": 0}
        answer = target.call("search_memories", body=body)
        found = succeeded(answer, "a search").get("results", [])
        _absent(memory["id"], found, "found by a search", answer.request.describe())

    target.eventually(gone)


@CHECKS.shows("delete_memory")
def a_deleted_memory_is_in_no_context(target: Target) -> None:
    """A context for the very content of a deleted memory does not use it."""
    memory = _deleted(target)

    def gone() -> None:
        answer = target.call("get_context", body={"query": memory["content"]})
        data = succeeded(answer, "a context")
        request = answer.request.describe()
        _absent(memory["id"], data.get("memories", []), "used in a context", request)
        text = str(data.get("context"))
        expect(memory["content"] not in text, "the text of a deleted memory is in a context")

    target.eventually(gone)


@CHECKS.shows("delete_memory")
def delete_leaves_the_others(target: Target) -> None:
    """A deletion takes one memory, and not the one that was stored beside it."""
    kept = target.create(content=target.text("kept beside a deleted one"))
    target.call("delete_memory", memory_id=target.create(parent_memory_id=kept["id"])["id"])
    answer = target.call("get_memory", memory_id=kept["id"])
    answered(answer, 200, "reading the memory beside a deleted one")


@CHECKS.shows("delete_memory")
def delete_of_an_unknown_id_is_not_found(target: Target) -> None:
    """An id that no memory has is not found."""
    answer = target.call("delete_memory", memory_id=target.sender.invent_id())
    answered(answer, 404, "an id that no memory has")


@CHECKS.shows("delete_memory")
def delete_refuses_a_malformed_id(target: Target) -> None:
    """An id that is no UUID is refused, or not found."""
    answer = target.call("delete_memory", memory_id=target.sender.invent_id(uuid_like=False))
    if answer.status != 404:
        refused(answer, "an id that is no UUID")


def _deleted(target: Target) -> Dict[str, Any]:
    memory = target.create(content=target.text("to be deleted, about a heron in the reeds"))
    answer = target.call("delete_memory", memory_id=memory["id"])
    if not answer.is_success:
        raise Failed(f"deleting a memory is answered with {answer.status}", answer)
    return memory


def _absent(memory_id: str, found: List[Any], how: str, request: str) -> None:
    for each in found:
        if isinstance(each, dict) and each.get("id") == memory_id:
            failed = Failed(f"a deleted memory is {how}")
            failed.request = request
            raise failed
