"""Checks of `list_memories`. They consider only the run's memories, as others may change."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Dict, Iterator, List, Mapping

from memoryos._printable import plural
from memoryos.contract_testing.expectations import CheckFailedError, expect, expect_items

from .registry import Checks

if TYPE_CHECKING:
    from memoryos.contract_testing.http_messages import Response
    from memoryos.contract_testing.target import Target

CHECKS = Checks()

_MAX_PAGES = 50
_KINDS: List[Dict[str, Any]] = [
    {"tier": "short", "content_type": "text", "memory_nature": "episodic"},
    {"tier": "medium", "content_type": "conversation", "memory_nature": "semantic"},
    {"tier": "long", "content_type": "document"},
    {"tier": "short", "content_type": "event", "memory_nature": "semantic"},
    {"tier": "long", "content_type": "fact", "memory_nature": "episodic"},
]


@CHECKS.register("list_memories")
def list_applies_its_defaults(target: Target) -> None:
    """Without parameters, a page starts at offset 0 and has at most 50 items."""
    response = target.call("list_memories")
    found = expect_items(response, "a list without parameters")
    meta = response.meta
    limit = target.contract.default("list_memories", "limit")
    expect(meta.get("limit") == limit, f"meta.limit is {meta.get('limit')}, not {limit}", response)
    expect(meta.get("offset") == 0, f"meta.offset is {meta.get('offset')}, not 0", response)
    expect(len(found) <= limit, f"the page has {plural(len(found), 'item')}", response)


@CHECKS.register("list_memories")
def list_shows_what_was_created(target: Target) -> None:
    """New memories are listed first, with their content."""
    kinds = _of_each_kind(target)

    def shown() -> None:
        response = target.call("list_memories", query={"limit": 100})
        listed = {
            each["id"]: each for each in target.own_memories(expect_items(response, "a list"))
        }
        for memory in kinds:
            expect(memory["id"] in listed, "a new memory is not among the newest 100", response)
            same = listed[memory["id"]].get("content") == memory["content"]
            expect(same, "a listed memory has a different content", response)

    target.eventually(shown)


@CHECKS.register("list_memories")
def list_is_newest_first(target: Target) -> None:
    """Memories are listed newest first."""
    older, newer = target.create(), target.create()

    def ordered() -> None:
        response = target.call("list_memories", query={"limit": 100})
        ids = [each["id"] for each in target.own_memories(expect_items(response, "a list"))]
        both = older["id"] in ids and newer["id"] in ids
        expect(both, "a new memory is not among the newest 100", response)
        first = ids.index(newer["id"]) < ids.index(older["id"])
        expect(first, "an older memory comes before a newer one", response)

    target.eventually(ordered)


@CHECKS.register("list_memories")
def list_holds_at_most_limit(target: Target) -> None:
    """A page has at most `limit` items."""
    _of_each_kind(target)
    for limit in (1, 2, 3):
        response = target.call("list_memories", query={"limit": limit})
        count = len(expect_items(response, f"a list with limit={limit}"))
        expect(
            count <= limit, f"limit={limit} returns {plural(count, 'memory', 'memories')}", response
        )
        expect(response.meta.get("limit") == limit, "meta.limit is different", response)


@CHECKS.register("list_memories")
def list_says_whether_there_is_more(target: Target) -> None:
    """`has_more` is true if memories follow, and false after the last one."""
    _of_each_kind(target)
    response = target.call("list_memories", query={"limit": 1})
    more = response.meta.get("has_more")
    expect(more is True, f"has_more is {more}, but at least four memories follow", response)
    response = target.call("list_memories", query={"offset": 10**9})
    none = not expect_items(response, "a list with an offset beyond the end")
    expect(none, "there are memories at offset 1,000,000,000", response)
    expect(response.meta.get("has_more") is False, "has_more is true beyond the end", response)
    offset = response.meta.get("offset")
    expect(offset == 10**9, f"meta.offset is {offset}, not 1000000000", response)


@CHECKS.register("list_memories")
def list_counts_what_there_is(target: Target) -> None:
    """`total` counts at least the run's memories, and `has_more` matches it."""
    kinds = _of_each_kind(target)
    response = target.call("list_memories", query={"limit": 2})
    total = response.meta.get("total", 0)
    expect(total >= len(kinds), f"total is {total}, but the run created {len(kinds)}", response)
    agrees = response.meta.get("has_more") is (total > len(expect_items(response, "a list")))
    expect(agrees, "has_more contradicts total", response)


@CHECKS.register("list_memories")
def list_pages_join(target: Target) -> None:
    """Paging through the list returns every memory of the run."""
    wanted = {memory["id"] for memory in _of_each_kind(target)}

    def complete() -> None:
        found: List[str] = []
        for response in _pages(target, {"limit": 2}):
            found += [each["id"] for each in target.own_memories(expect_items(response, "a page"))]
            if wanted <= set(found):
                return
        missing = plural(len(wanted - set(found)), "memory", "memories")
        raise CheckFailedError(f"the pages lack {missing} of the run")

    target.eventually(complete)


@CHECKS.register("list_memories")
def list_filters_by_tier(target: Target) -> None:
    """A list filtered by tier contains the run's memories of that tier, and no others."""
    _filters(target, "tier")


@CHECKS.register("list_memories")
def list_filters_by_content_type(target: Target) -> None:
    """A list filtered by content type contains the run's memories of that type, and no others."""
    _filters(target, "content_type")


@CHECKS.register("list_memories")
def list_filters_by_nature(target: Target) -> None:
    """A list filtered by nature contains the run's memories of that nature, and no others."""
    _filters(target, "memory_nature")


@CHECKS.register("list_memories")
def list_filters_by_relevance(target: Target) -> None:
    """A list with `min_relevance` contains no memory of the run below it."""
    _of_each_kind(target)
    for least in (0, 0.5, 1):
        response = target.call("list_memories", query={"min_relevance": least, "limit": 100})
        for memory in target.own_memories(
            expect_items(response, f"a list with min_relevance={least}")
        ):
            relevance = memory.get("relevance_score", 0)
            # The server may compute the relevance twice: for the filter and for the response.
            expect(
                relevance >= least - 0.001,
                f"min_relevance={least} returns a relevance of {relevance}",
                response,
            )


def _of_each_kind(target: Target) -> List[Dict[str, Any]]:
    made: List[Dict[str, Any]] = target.cached(
        "of each kind",
        lambda: [
            target.create(content=target.unique_text("of each kind"), **kind) for kind in _KINDS
        ],
    )
    return made


def _filters(target: Target, name: str) -> None:
    kinds = _of_each_kind(target)
    for value in {kind[name] for kind in _KINDS if name in kind}:
        wanted = {each["id"] for each in kinds if each.get(name) == value}

        def filtered(value: str = value, wanted: frozenset[str] = frozenset(wanted)) -> None:
            response = target.call("list_memories", query={name: value, "limit": 100})
            listed = target.own_memories(expect_items(response, f"a list with {name}={value}"))
            others = [each.get(name) for each in listed if each.get(name) != value]
            expect(not others, f"{name}={value} returns a memory with {others[:1]}", response)
            missing = wanted - {each["id"] for each in listed}
            expect(not missing, f"{name}={value} omits {len(missing)} new memories", response)

        target.eventually(filtered)


def _pages(target: Target, query: Mapping[str, Any]) -> Iterator[Response]:
    limit = query["limit"]
    for number in range(_MAX_PAGES):
        response = target.call("list_memories", query={**query, "offset": number * limit})
        yield response
        if not response.meta.get("has_more"):
            return
