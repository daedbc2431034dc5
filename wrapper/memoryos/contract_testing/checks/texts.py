"""Checks that text and metadata are returned unchanged, and that large bodies are handled."""

from __future__ import annotations

from typing import TYPE_CHECKING

from memoryos.contract_testing.expectations import (
    expect,
    expect_fields,
    expect_object,
    expect_status,
)

from .registry import Checks

if TYPE_CHECKING:
    from memoryos.contract_testing.target import Target

CHECKS = Checks()

_TEXTS = {
    "umlauts and accents": "Zürich, São Paulo, Łódź, Þingvellir",
    "other scripts": "日本語のメモ · Ελληνικά · עברית · العربية · हिन्दी · ไทย",
    "combining marks": "e\u0301 a\u0308 — not composed, and composed é ä",
    "emoji": "👩🏽‍🚀 family 👨‍👩‍👧‍👦 flag 🇳🇬",
    "outside the basic plane": "𝔐𝔢𝔪𝔬𝔯𝔶 𠜎 🀄",
    "direction and invisible characters": "\u202eright to left\u202c\u200b zero width \ufeff",
    "line ends": "one\ntwo\r\nthree\ttab\u2028four",
    "markup and quotes": "<b>\"it's\"</b> \\n {{x}} %s ${y} '; DROP TABLE memories; --",
    "spaces at both ends": "  kept  ",
}
_LARGE_CHARACTERS = 200_000
_HUGE_BYTES = 4 * 2**20


@CHECKS.register("create_memory")
def contents_come_back_unchanged(target: Target) -> None:
    """A content in any script and with any punctuation is returned unchanged."""
    for name, text in _TEXTS.items():
        wanted = target.with_marker({"content": f"{text}\n{target.unique_text(name)}\n{text}"})
        response = target.call("create_memory", body=wanted)
        created = expect_object(response, f"a content with {name}")
        expect_fields(created, wanted, response)
        again = target.call("get_memory", memory_id=created["id"])
        expect_fields(expect_object(again, "reading the memory"), wanted, again)


@CHECKS.register("create_memory")
def metadata_comes_back_unchanged(target: Target) -> None:
    """Metadata is returned unchanged, in any script and at any depth."""
    nested: object = "deep"
    for _ in range(20):
        nested = {"глубже": [nested]}
    metadata = {**_TEXTS, "ключ 🗝": "значение", "": "an empty name"}
    numbers = {"big": 2**53, "small": -(2**53), "fraction": 0.1, "zero": 0, "tiny": 1e-300}
    wanted = target.with_marker(
        {
            "content": target.unique_text("metadata"),
            "metadata": {**metadata, **numbers, "nested": nested},
        }
    )
    response = target.call("create_memory", body=wanted)
    created = expect_object(response, "metadata of any kind")
    expect_fields(created, wanted, response)
    again = target.call("get_memory", memory_id=created["id"])
    expect_fields(expect_object(again, "reading the memory"), wanted, again)


@CHECKS.register("create_memory", assumed=True)
def a_nul_character_comes_back(target: Target) -> None:
    """A content with U+0000, which JSON allows, is returned unchanged."""
    wanted = target.with_marker({"content": target.unique_text("before\x00after")})
    response = target.call("create_memory", body=wanted)
    expect_fields(expect_object(response, "a content with U+0000"), wanted, response)


@CHECKS.register("create_memory")
def a_large_content_comes_back(target: Target) -> None:
    """A content of 200,000 characters is stored completely, or rejected with 413."""
    wanted = target.with_marker(
        {"content": target.unique_text("large ") + "αβγ memory " * (_LARGE_CHARACTERS // 11)}
    )
    response = target.call("create_memory", body=wanted)
    if response.status != 413:
        expect_fields(expect_object(response, "a large content"), wanted, response)


@CHECKS.register("create_memory", assumed=True)
def a_huge_body_is_refused_in_form(target: Target) -> None:
    """A body of 4 MiB is stored, or rejected with 413."""
    _expect_stored_or_413(
        target, "create_memory", target.with_marker({"content": "x" * _HUGE_BYTES})
    )


@CHECKS.register("search_memories", assumed=True)
def a_huge_search_is_refused_in_form(target: Target) -> None:
    """A search with a query of 4 MiB is accepted, or rejected with 413."""
    _expect_stored_or_413(target, "search_memories", {"query": "x" * _HUGE_BYTES})


@CHECKS.register("get_context", assumed=True)
def a_huge_context_request_is_refused_in_form(target: Target) -> None:
    """A context for a query of 4 MiB is returned, or rejected with 413."""
    _expect_stored_or_413(target, "get_context", {"query": "x" * _HUGE_BYTES})


@CHECKS.register("update_memory", assumed=True)
def a_huge_update_is_refused_in_form(target: Target) -> None:
    """An update of 4 MiB is stored, or rejected with 413."""
    memory = target.create()
    response = target.call(
        "update_memory", memory_id=memory["id"], body={"content": "x" * _HUGE_BYTES}
    )
    if not response.is_success:
        expect_status(response, 413, "a body of 4 MiB")


@CHECKS.register("create_entity", assumed=True)
def a_huge_entity_is_refused(target: Target) -> None:
    """An entity of 4 MiB with an undefined type is rejected."""
    body = {"name": "x" * _HUGE_BYTES, "type": "no such type"}
    response = target.call("create_entity", body=body)
    expect(response.status in (400, 413, 422), f"status {response.status}", response)


def _expect_stored_or_413(target: Target, operation: str, body: object) -> None:
    response = target.call(operation, body=body)
    if not response.is_success:
        expect_status(response, 413, "a body of 4 MiB")
