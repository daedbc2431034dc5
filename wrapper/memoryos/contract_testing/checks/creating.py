"""Checks of `create_memory`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from memoryos.contract_testing.expectations import (
    expect,
    expect_fields,
    expect_object,
    expect_rejected,
)
from memoryos.contract_testing.safety import timestamp

from .registry import Checks

if TYPE_CHECKING:
    from memoryos.contract_testing.target import Target

CHECKS = Checks()

_SHORT_TIER_LIFETIME_HOURS = 24


@CHECKS.register("create_memory")
def create_fills_in_the_defaults(target: Target) -> None:
    """A memory created with only a content has the documented defaults."""
    body = {"content": target.unique_text("defaults")}
    response = target.call("create_memory", body=body)
    created = expect_object(response, "creating a memory with only a content")
    expect_fields(
        created, {**body, "tier": "short", "content_type": "text", "memory_nature": None}, response
    )
    expect_fields(created, {"metadata": {}, "parent_memory_id": None}, response)


@CHECKS.register("create_memory")
def create_keeps_every_field(target: Target) -> None:
    """The response to a creation contains every field that was sent."""
    wanted = target.with_marker(
        {
            "content": target.unique_text("every field"),
            "tier": "long",
            "content_type": "fact",
            "memory_nature": "semantic",
            "parent_memory_id": target.create()["id"],
            "external_id": target.unique_text("external"),
            "source_id": target.unique_text("source"),
            "importance_score": 0.25,
            "metadata": {"depth": {"list": [1, 2.5, "three", None, True, {}, []]}},
        }
    )
    response = target.call("create_memory", body=wanted)
    expect_fields(expect_object(response, "creating a memory with every field"), wanted, response)


@CHECKS.register("create_memory")
def created_memories_are_distinct(target: Target) -> None:
    """Two creations create two memories, even with the same content."""
    content = target.unique_text("stored twice")
    first, second = (target.create(content=content) for _ in range(2))
    expect(first["id"] != second["id"], "two creations with the same content return the same id")


@CHECKS.register("create_memory")
def short_memories_expire(target: Target) -> None:
    """A memory expires after 24 hours in the short tier, and never in the long tier."""
    short, long = target.create(tier="short"), target.create(tier="long")
    created, expires = timestamp(short.get("created_at")), timestamp(short.get("expires_at"))
    expect(created is not None and expires is not None, "a short memory has no expires_at")
    if created is not None and expires is not None:
        hours = (expires - created).total_seconds() / 3600
        expect(
            abs(hours - _SHORT_TIER_LIFETIME_HOURS) < 0.1,
            f"a short memory expires after {hours:.1f} hours, not {_SHORT_TIER_LIFETIME_HOURS}",
        )
    expect(long.get("expires_at") is None, "a memory in the long tier has an expires_at")


@CHECKS.register("create_memory")
def a_new_memory_is_fully_relevant(target: Target) -> None:
    """A new memory has full relevance."""
    relevance = target.create(tier="long").get("relevance_score", 0)
    expect(relevance > 0.9, f"a new memory has relevance {relevance}")


@CHECKS.register("create_memory")
def create_detects_personal_data(target: Target) -> None:
    """Personal data is detected in a content with an email address."""
    content = target.unique_text("Write to ada.okafor@example.com about the invoice")
    memory = target.create(content=content)
    expect(memory.get("pii_detected") is True, "pii_detected is not true for an email address")
    expect(bool(memory.get("pii_fields")), "pii_fields is empty for an email address")


@CHECKS.register("create_memory")
def create_examples_are_accepted(target: Target) -> None:
    """The contract's example of a creation is accepted."""
    operation = target.contract.operations["create_memory"]
    for example in target.contract.request_examples(operation):
        response = target.call("create_memory", body=target.with_marker(example))
        expect_fields(
            expect_object(response, "the contract's example"), target.with_marker(example), response
        )


@CHECKS.register("create_memory")
def create_refuses_an_unknown_field(target: Target) -> None:
    """A field that the contract doesn't define is rejected, not ignored."""
    body = {
        **target.with_marker({"content": target.unique_text("unknown field")}),
        "no_such_field": 1,
    }
    expect_rejected(target.call("create_memory", body=body), "an undefined field")


@CHECKS.register("create_memory")
def create_refuses_what_is_no_json(target: Target) -> None:
    """A body that is truncated, or not a JSON object, is rejected."""
    for content in (b'{"content": "cut', b"content=form", b"\xff\xfe", b"[]", b'"text"', b"null"):
        response = target.call("create_memory", content=content)
        expect_rejected(response, f"the body {content!r}")


@CHECKS.register("create_memory")
def create_refuses_a_missing_body(target: Target) -> None:
    """A creation without a body is rejected."""
    expect_rejected(target.call("create_memory", content=b""), "an empty body")
    expect_rejected(target.call("create_memory", body={}), "a body without a content")
