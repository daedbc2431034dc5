"""Checks of `create_entity` and `list_entities`. They share one entity, as it can't be deleted."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Dict

from memoryos._printable import plural
from memoryos.contract_testing.expectations import (
    UnusableResponseError,
    expect,
    expect_fields,
    expect_items,
    expect_object,
    expect_rejected,
)

from .registry import Checks

if TYPE_CHECKING:
    from memoryos.contract_testing.http_messages import Response
    from memoryos.contract_testing.target import Target

CHECKS = Checks()


@CHECKS.register("create_entity", assumed=True)
def entity_keeps_every_field(target: Target) -> None:
    """An entity is returned unchanged, in any script."""
    response = _creation(target)
    expect_fields(expect_object(response, "creating an entity"), _wanted(target), response)


@CHECKS.register("create_entity", assumed=True)
def entity_without_a_name_is_refused(target: Target) -> None:
    """An entity needs a name and a type."""
    for body in ({}, {"name": "nobody"}, {"type": "person"}, {"name": "", "type": "person"}):
        expect_rejected(target.call("create_entity", body=body), f"the entity {body}")


@CHECKS.register("list_entities")
def entities_apply_their_defaults(target: Target) -> None:
    """Without parameters, a page starts at offset 0 and has at most 50 items."""
    response = target.call("list_entities")
    count = len(expect_items(response, "a list without parameters"))
    limit = target.contract.default("list_entities", "limit")
    expect(response.meta.get("limit") == limit, f"meta.limit is not {limit}", response)
    expect(response.meta.get("offset") == 0, "meta.offset is not 0", response)
    expect(count <= limit, f"the page has {plural(count, 'item')}", response)


@CHECKS.register("list_entities")
def entities_hold_at_most_limit(target: Target) -> None:
    """A page has at most `limit` entities, and `has_more` matches `total`."""
    response = target.call("list_entities", query={"limit": 1})
    count = len(expect_items(response, "a list with limit=1"))
    expect(count <= 1, f"limit=1 returns {count} entities", response)
    agrees = response.meta.get("has_more") is (response.meta.get("total", 0) > count)
    expect(agrees, "has_more contradicts total", response)


@CHECKS.register("list_entities")
def entities_are_found_by_name_and_type(target: Target) -> None:
    """An entity is found by part of its name, ignoring case, and only with its own type."""
    entity = _entity(target)
    part = target.marker[1:].upper()

    def listed() -> None:
        for query in ({"search": part}, {"search": part, "type": "organization"}):
            response = target.call("list_entities", query=query)
            found = [each.get("id") for each in expect_items(response, "a list of entities")]
            expect(entity["id"] in found, f"{query} doesn't find the entity", response)
        response = target.call("list_entities", query={"search": part, "type": "place"})
        found = [each.get("id") for each in expect_items(response, "a list of entities")]
        expect(entity["id"] not in found, "an organization is listed as a place", response)

    target.eventually(listed)


@CHECKS.register("search_memories", assumed=True)
def search_filters_by_entities(target: Target) -> None:
    """A search by entities finds only memories whose metadata contains them."""
    entity = _entity(target)
    content = target.unique_text("A memory that refers to somebody")
    related = target.create(content=content, metadata={"entities": [entity["id"]]})
    other = target.create(content=content + " else")

    def filtered() -> None:
        body = {"query": content, "entities": [entity["id"]], "threshold": 0, "limit": 100}
        response = target.call("search_memories", body=body)
        found = expect_object(response, "a search").get("results", [])
        ids = {each["id"] for each in target.own_memories(found)}
        expect(related["id"] in ids, "the memory with the entity is not found", response)
        expect(other["id"] not in ids, "a memory without the entity is found", response)

    target.eventually(filtered)


def _wanted(target: Target) -> Dict[str, Any]:
    return {
        "name": f"Contract test {target.marker}",
        "type": "organization",
        "aliases": ["Пrüfung 日本", "👩🏽‍🚀"],
        "metadata": {"made by": "a contract test", "nested": {"list": [1, None, "x"]}},
    }


def _creation(target: Target) -> Response:
    response: Response = target.cached(
        "entity", lambda: target.call("create_entity", body=_wanted(target))
    )
    return response


def _entity(target: Target) -> Dict[str, Any]:
    response = _creation(target)
    if not response.is_success or not isinstance(response.data, dict):
        raise UnusableResponseError(
            f"an entity to check with could not be created: {response.status}"
        )
    entity: Dict[str, Any] = response.data
    return entity
