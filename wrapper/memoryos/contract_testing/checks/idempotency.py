"""Checks of `Idempotency-Key`, which the contract marks as assumed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Dict

from memoryos.contract_testing.expectations import (
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


@CHECKS.register("create_memory", assumed=True)
def a_repeated_key_creates_nothing(target: Target) -> None:
    """Repeating a request with the same key returns the first memory, and creates no other."""
    body, headers = target.with_marker({"content": target.unique_text("stored once")}), _key(target)
    responses = [target.call("create_memory", body=body, headers=headers) for _ in range(3)]
    ids = {expect_object(response, "a repeated creation").get("id") for response in responses}
    expect(len(ids) == 1, f"one key created {len(ids)} memories", responses[-1])
    listing = target.call("list_memories", query={"limit": 100})
    stored = [
        each for each in expect_items(listing, "a list") if each.get("content") == body["content"]
    ]
    expect(len(stored) <= 1, f"{len(stored)} memories are listed for one key", listing)


@CHECKS.register("create_memory", assumed=True)
def a_key_with_another_body_is_a_conflict(target: Target) -> None:
    """A key that was used with another body is rejected with 409."""
    headers = _key(target)
    first, second = (
        target.with_marker({"content": target.unique_text("one key")}) for _ in range(2)
    )
    response = target.call("create_memory", body=first, headers=headers)
    expect_object(response, "a creation with a key")
    response = target.call("create_memory", body=second, headers=headers)
    expect_status(response, 409, "a key that was used with another body")


@CHECKS.register("create_memory", assumed=True)
def other_keys_make_other_memories(target: Target) -> None:
    """Two requests with the same body and different keys create two memories."""
    body = target.with_marker({"content": target.unique_text("stored with two keys")})
    responses = [target.call("create_memory", body=body, headers=_key(target)) for _ in range(2)]
    ids = {expect_object(response, "a creation with a key").get("id") for response in responses}
    expect(len(ids) == 2, "two keys created one memory", responses[-1])


@CHECKS.register("create_memory", assumed=True)
def an_unusual_key_is_used_or_rejected(target: Target) -> None:
    """A key with spaces or with more than 255 characters is used as a key, or rejected."""
    for key in (f"two words {target.marker}", target.marker + "x" * 256):
        body = target.with_marker({"content": target.unique_text("unusual key")})
        headers = {"Idempotency-Key": key}
        responses = [target.call("create_memory", body=body, headers=headers) for _ in range(2)]
        if responses[0].is_success:
            ids = {expect_object(each, "a repeated creation").get("id") for each in responses}
            expect(len(ids) == 1, f"one key created {len(ids)} memories", responses[-1])
        else:
            expect_rejected(responses[0], "an unusual Idempotency-Key")


@CHECKS.register("create_entity", assumed=True)
def a_repeated_key_creates_one_entity(target: Target) -> None:
    """A repeated key creates one entity; with another body it is a conflict."""
    body = {"name": f"Contract test, once {target.marker}", "type": "thing"}
    headers = _key(target)
    responses = [target.call("create_entity", body=body, headers=headers) for _ in range(2)]
    ids = {expect_object(response, "a repeated creation").get("id") for response in responses}
    expect(len(ids) == 1, f"one key created {len(ids)} entities", responses[-1])
    other = {**body, "type": "place"}
    response = target.call("create_entity", body=other, headers=headers)
    expect_status(response, 409, "a key that was used with another body")


def _key(target: Target) -> Dict[str, str]:
    return {"Idempotency-Key": target.unique_text("key").replace(" ", "-")}
