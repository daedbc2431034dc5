"""Checks of `list_tags`. A tag of a run holds its marker, so that it can be told from others."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Dict, List

from memoryos.contract_testing.expectations import expect, items

from .registry import Checks

if TYPE_CHECKING:
    from memoryos.contract_testing.exchanges import Answer
    from memoryos.contract_testing.target import Target

CHECKS = Checks()


@CHECKS.shows("list_tags")
def tags_apply_their_defaults(target: Target) -> None:
    """Without parameters, a page begins at 0 and holds at most 50."""
    answer = target.call("list_tags")
    count = len(items(answer, "a list without parameters"))
    expect(answer.meta.get("limit") == 50, "meta.limit is not 50", answer)
    expect(answer.meta.get("offset") == 0, "meta.offset is not 0", answer)
    expect(count <= 50, f"the page holds {count}", answer)


@CHECKS.shows("list_tags")
def tags_hold_at_most_limit(target: Target) -> None:
    """A page of tags holds no more than was asked for, and says whether there is more."""
    answer = target.call("list_tags", query={"limit": 1})
    count = len(items(answer, "a list with limit=1"))
    expect(count <= 1, f"limit=1 gives {count} tags", answer)
    agrees = answer.meta.get("has_more") is (answer.meta.get("total", 0) > count)
    expect(agrees, "has_more contradicts total", answer)


@CHECKS.shows("list_tags", assumed=True)
def tags_of_memories_are_listed(target: Target) -> None:
    """The tags in a memory's metadata are found by a part of their name, in any case."""
    names = _names(target)

    def listed() -> None:
        found, answer = _own_tags(target, {"search": target.marker[2:].upper()})
        expect(set(names) <= {tag["name"] for tag in found}, "a tag is not listed", answer)
        counts = {tag["name"]: tag.get("memory_count") for tag in found}
        expect(counts[names[0]] == 2, f"memory_count is {counts[names[0]]}, not 2", answer)

    target.eventually(listed)


@CHECKS.shows("list_tags", assumed=True)
def tags_are_sorted(target: Target) -> None:
    """Tags come by name, or by what was asked for, in the order that was asked for."""
    names = _names(target)
    found, answer = _own_tags(target, {"search": target.marker})
    shown = [tag["name"] for tag in found if tag["name"] in names]
    expect(shown == sorted(shown), f"by default they come as {shown}", answer)
    for sort in ("name", "memory_count", "created_at"):
        for order in ("asc", "desc"):
            query = {"search": target.marker, "sort": sort, "order": order}
            found, answer = _own_tags(target, query)
            values: List[Any] = [tag.get(sort) for tag in found]
            ordered = sorted(values, reverse=order == "desc") == values
            expect(ordered, f"sort={sort}&order={order} gives {values}", answer)


@CHECKS.shows("list_tags")
def tags_that_nobody_has_are_not_found(target: Target) -> None:
    """A search for a name that no tag has finds nothing."""
    query = {"search": "no-such-tag-" + target.marker}
    answer = target.call("list_tags", query=query)
    expect(not items(answer, "a search"), "a tag is found that nobody has", answer)
    expect(answer.meta.get("has_more") is False, "has_more is not false", answer)


@CHECKS.shows("list_tags")
def tags_are_searched_in_any_script(target: Target) -> None:
    """A search with characters that a query must escape is answered."""
    for text in ("ключ", "日本", "👩🏽‍🚀", "a&b=c", "100%", "a+b", "it's", "_", "\\"):
        answer = target.call("list_tags", query={"search": text})
        items(answer, f"a search for {text!r}")


def _names(target: Target) -> List[str]:
    def make() -> List[str]:
        names = [f"{target.marker}-tag-{letter}" for letter in "bac"]
        target.create(metadata={"tags": names})
        target.create(metadata={"tags": names[:1]})
        return names

    names: List[str] = target.kept("tags", make)
    return names


def _own_tags(target: Target, query: Dict[str, Any]) -> tuple[List[Dict[str, Any]], Answer]:
    answer = target.call("list_tags", query=query)
    found = items(answer, "a list of tags")
    own = [tag for tag in found if target.marker.lower() in str(tag.get("name")).lower()]
    return own, answer
