"""Checks that what is stored comes back as it was, whatever it is made of."""

from __future__ import annotations

from typing import TYPE_CHECKING

from memoryos.contract_testing.expectations import answered, expect, same, succeeded

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
_LARGE = 200_000
_HUGE = 4 * 2**20


@CHECKS.shows("create_memory")
def contents_come_back_unchanged(target: Target) -> None:
    """Text of any script, with any punctuation, comes back character by character."""
    for name, text in _TEXTS.items():
        wanted = target.marked({"content": f"{text}\n{target.text(name)}\n{text}"})
        answer = target.call("create_memory", body=wanted)
        created = succeeded(answer, f"a content with {name}")
        same(created, wanted, answer)
        again = target.call("get_memory", memory_id=created["id"])
        same(succeeded(again, "reading it"), wanted, again)


@CHECKS.shows("create_memory")
def metadata_comes_back_unchanged(target: Target) -> None:
    """Names and values of metadata come back as they were, in any script and at any depth."""
    nested: object = "deep"
    for _ in range(20):
        nested = {"глубже": [nested]}
    metadata = {**_TEXTS, "ключ 🗝": "значение", "": "an empty name"}
    numbers = {"big": 2**53, "small": -(2**53), "fraction": 0.1, "zero": 0, "tiny": 1e-300}
    wanted = target.marked(
        {"content": target.text("metadata"), "metadata": {**metadata, **numbers, "nested": nested}}
    )
    answer = target.call("create_memory", body=wanted)
    created = succeeded(answer, "metadata of any kind")
    same(created, wanted, answer)
    again = target.call("get_memory", memory_id=created["id"])
    same(succeeded(again, "reading it"), wanted, again)


@CHECKS.shows("create_memory", assumed=True)
def a_nul_character_comes_back(target: Target) -> None:
    """A content with the character U+0000, which JSON allows, comes back with it."""
    wanted = target.marked({"content": target.text("before\x00after")})
    answer = target.call("create_memory", body=wanted)
    same(succeeded(answer, "a content with U+0000"), wanted, answer)


@CHECKS.shows("create_memory")
def a_large_content_comes_back(target: Target) -> None:
    """A content of two hundred thousand characters is stored whole, or refused as too large."""
    wanted = target.marked({"content": target.text("large ") + "αβγ memory " * (_LARGE // 11)})
    answer = target.call("create_memory", body=wanted)
    if answer.status != 413:
        same(succeeded(answer, "a large content"), wanted, answer)


@CHECKS.shows("create_memory", assumed=True)
def a_huge_body_is_refused_in_form(target: Target) -> None:
    """A body of four megabytes is stored, or refused with 413."""
    _huge(target, "create_memory", target.marked({"content": "x" * _HUGE}))


@CHECKS.shows("search_memories", assumed=True)
def a_huge_search_is_refused_in_form(target: Target) -> None:
    """A search with a query of four megabytes is answered, or refused with 413."""
    _huge(target, "search_memories", {"query": "x" * _HUGE})


@CHECKS.shows("get_context", assumed=True)
def a_huge_context_request_is_refused_in_form(target: Target) -> None:
    """A context for a query of four megabytes is answered, or refused with 413."""
    _huge(target, "get_context", {"query": "x" * _HUGE})


@CHECKS.shows("update_memory", assumed=True)
def a_huge_update_is_refused_in_form(target: Target) -> None:
    """An update of four megabytes is stored, or refused with 413."""
    memory = target.create()
    answer = target.call("update_memory", memory_id=memory["id"], body={"content": "x" * _HUGE})
    if not answer.is_success:
        answered(answer, 413, "a body of four megabytes")


@CHECKS.shows("create_entity", assumed=True)
def a_huge_entity_is_refused(target: Target) -> None:
    """An entity of four megabytes, of a type that does not exist, is refused."""
    body = {"name": "x" * _HUGE, "type": "no such type"}
    answer = target.call("create_entity", body=body)
    expect(answer.status in (400, 413, 422), f"it is answered with {answer.status}", answer)


def _huge(target: Target, operation: str, body: object) -> None:
    answer = target.call(operation, body=body)
    if not answer.is_success:
        answered(answer, 413, "a body of four megabytes")
