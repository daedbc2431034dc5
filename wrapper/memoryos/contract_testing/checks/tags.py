"""Checks of `list_tags`. The run's tags contain its marker."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Dict, List

from memoryos._printable import plural
from memoryos.contract_testing.expectations import expect, expect_items

from .registry import Checks

if TYPE_CHECKING:
    from memoryos.contract_testing.http_messages import Response
    from memoryos.contract_testing.target import Target

CHECKS = Checks()


@CHECKS.register("list_tags")
def tags_apply_their_defaults(target: Target) -> None:
    """Without parameters, a page starts at offset 0 and has at most 50 items."""
    response = target.call("list_tags")
    count = len(expect_items(response, "a list without parameters"))
    limit = target.contract.default("list_tags", "limit")
    expect(response.meta.get("limit") == limit, f"meta.limit is not {limit}", response)
    expect(response.meta.get("offset") == 0, "meta.offset is not 0", response)
    expect(count <= limit, f"the page has {plural(count, 'item')}", response)


@CHECKS.register("list_tags")
def tags_hold_at_most_limit(target: Target) -> None:
    """A page has at most `limit` tags, and `has_more` matches `total`."""
    response = target.call("list_tags", query={"limit": 1})
    count = len(expect_items(response, "a list with limit=1"))
    expect(count <= 1, f"limit=1 returns {count} tags", response)
    agrees = response.meta.get("has_more") is (response.meta.get("total", 0) > count)
    expect(agrees, "has_more contradicts total", response)


@CHECKS.register("list_tags", assumed=True)
def tags_of_memories_are_listed(target: Target) -> None:
    """The tags in a memory's metadata are found by part of their name, ignoring case."""
    names = _names(target)

    def listed() -> None:
        found, response = _own_tags(target, {"search": target.marker[2:].upper()})
        expect(set(names) <= {tag["name"] for tag in found}, "a tag is not listed", response)
        counts = {tag["name"]: tag.get("memory_count") for tag in found}
        expect(counts[names[0]] == 2, f"memory_count is {counts[names[0]]}, not 2", response)

    target.eventually(listed)


@CHECKS.register("list_tags", assumed=True)
def tags_are_sorted(target: Target) -> None:
    """Tags are sorted by name, or by `sort` and `order`."""
    names = _names(target)
    found, response = _own_tags(target, {"search": target.marker})
    shown = [tag["name"] for tag in found if tag["name"] in names]
    expect(shown == sorted(shown), f"the default order is {shown}", response)
    for sort in ("name", "memory_count", "created_at"):
        for order in ("asc", "desc"):
            query = {"search": target.marker, "sort": sort, "order": order}
            found, response = _own_tags(target, query)
            values: List[Any] = [tag.get(sort) for tag in found]
            ordered = sorted(values, reverse=order == "desc") == values
            expect(ordered, f"sort={sort}&order={order} returns {values}", response)


@CHECKS.register("list_tags")
def tags_that_nobody_has_are_not_found(target: Target) -> None:
    """A search for an unknown name finds nothing."""
    query = {"search": "no-such-tag-" + target.marker}
    response = target.call("list_tags", query=query)
    expect(not expect_items(response, "a search"), "an unknown tag is found", response)
    expect(response.meta.get("has_more") is False, "has_more is not false", response)


@CHECKS.register("list_tags")
def tags_are_searched_in_any_script(target: Target) -> None:
    """A search with characters that must be escaped in a URL is accepted."""
    for text in ("ключ", "日本", "👩🏽‍🚀", "a&b=c", "100%", "a+b", "it's", "_", "\\"):
        response = target.call("list_tags", query={"search": text})
        expect_items(response, f"a search for {text!r}")


def _names(target: Target) -> List[str]:
    def make() -> List[str]:
        names = [f"{target.marker}-tag-{letter}" for letter in "bac"]
        target.create(metadata={"tags": names})
        target.create(metadata={"tags": names[:1]})
        return names

    names: List[str] = target.cached("tags", make)
    return names


def _own_tags(target: Target, query: Dict[str, Any]) -> tuple[List[Dict[str, Any]], Response]:
    response = target.call("list_tags", query=query)
    found = expect_items(response, "a list of tags")
    own = [tag for tag in found if target.marker.lower() in str(tag.get("name")).lower()]
    return own, response
