"""Checks of the `Idempotency-Key`, which the contract marks as assumed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Dict

from memoryos.contract_testing.expectations import answered, expect, items, refused, succeeded

from .registry import Checks

if TYPE_CHECKING:
    from memoryos.contract_testing.target import Target

CHECKS = Checks()


@CHECKS.shows("create_memory", assumed=True)
def a_repeated_key_creates_nothing(target: Target) -> None:
    """The same key with the same body gets the first answer, and makes no second memory."""
    body, headers = target.marked({"content": target.text("told once")}), _key(target)
    answers = [target.call("create_memory", body=body, headers=headers) for _ in range(3)]
    ids = {succeeded(answer, "a repeated creation").get("id") for answer in answers}
    expect(len(ids) == 1, f"one key has made {len(ids)} memories", answers[-1])
    listing = target.call("list_memories", query={"limit": 100})
    told = [each for each in items(listing, "a list") if each.get("content") == body["content"]]
    expect(len(told) <= 1, f"{len(told)} memories are listed for one key", listing)


@CHECKS.shows("create_memory", assumed=True)
def a_key_with_another_body_is_a_conflict(target: Target) -> None:
    """The same key with another body is refused with 409."""
    headers = _key(target)
    first, second = (target.marked({"content": target.text("one key")}) for _ in range(2))
    answer = target.call("create_memory", body=first, headers=headers)
    succeeded(answer, "a creation with a key")
    answer = target.call("create_memory", body=second, headers=headers)
    answered(answer, 409, "a key that was used with another body")


@CHECKS.shows("create_memory", assumed=True)
def other_keys_make_other_memories(target: Target) -> None:
    """Two keys make two memories of one body."""
    body = target.marked({"content": target.text("told with two keys")})
    answers = [target.call("create_memory", body=body, headers=_key(target)) for _ in range(2)]
    ids = {succeeded(answer, "a creation with a key").get("id") for answer in answers}
    expect(len(ids) == 2, "two keys have made one memory", answers[-1])


@CHECKS.shows("create_memory", assumed=True)
def an_unusual_key_is_used_or_rejected(target: Target) -> None:
    """A key with spaces in it, or of more than 255 characters, is used as a key or rejected."""
    for key in (f"two words {target.marker}", target.marker + "x" * 256):
        body = target.marked({"content": target.text("unusual key")})
        headers = {"Idempotency-Key": key}
        answers = [target.call("create_memory", body=body, headers=headers) for _ in range(2)]
        if answers[0].is_success:
            ids = {succeeded(answer, "a repeated creation").get("id") for answer in answers}
            expect(len(ids) == 1, f"one key has made {len(ids)} memories", answers[-1])
        else:
            refused(answers[0], "an unusual Idempotency-Key")


@CHECKS.shows("create_entity", assumed=True)
def a_repeated_key_creates_one_entity(target: Target) -> None:
    """The same key with the same body makes one entity; with another body it is a conflict."""
    body = {"name": f"Contract test, once {target.marker}", "type": "thing"}
    headers = _key(target)
    answers = [target.call("create_entity", body=body, headers=headers) for _ in range(2)]
    ids = {succeeded(answer, "a repeated creation").get("id") for answer in answers}
    expect(len(ids) == 1, f"one key has made {len(ids)} entities", answers[-1])
    other = {**body, "type": "place"}
    answer = target.call("create_entity", body=other, headers=headers)
    answered(answer, 409, "a key that was used with another body")


def _key(target: Target) -> Dict[str, str]:
    return {"Idempotency-Key": target.text("key").replace(" ", "-")}
