"""Checks of the optional features. Each runs only if the server names the feature."""

from __future__ import annotations

import json
import math
from datetime import datetime, timedelta, timezone
from functools import partial
from typing import TYPE_CHECKING, Any, Callable, Dict, List, Mapping, Tuple

from memoryos.contract_testing.expectations import (
    CheckFailedError,
    UnusableResponseError,
    expect,
    expect_fields,
    expect_items,
    expect_object,
    expect_rejected,
    expect_status,
)
from memoryos.contract_testing.safety import timestamp

from .registry import Checks

if TYPE_CHECKING:
    from memoryos.contract_testing.http_messages import Response
    from memoryos.contract_testing.target import Target

CHECKS = Checks()

_DAY = timedelta(days=1)


@CHECKS.register("list_memories", feature="filters")
def list_filters_by_its_features(target: Target) -> None:
    """Tags, external id, metadata and time of creation select memories."""

    def check(filters: Mapping[str, Any], wanted: List[str]) -> None:
        query: Dict[str, Any] = {**filters, "limit": 100}
        if "tags" in filters:
            query["tags"] = filters["tags"][0]
        if "metadata" in filters:
            query["metadata"] = json.dumps(filters["metadata"])
        response = target.call("list_memories", query=query)
        _expect_ids(expect_items(response, "a list"), wanted, response, filters)

    _with_each_filter(target, check)


@CHECKS.register("search_memories", feature="filters")
def search_filters_by_its_features(target: Target) -> None:
    """Content type, external id, metadata and time of creation select memories."""

    def check(filters: Mapping[str, Any], wanted: List[str]) -> None:
        results, response = _search(target, "a search", limit=100, **filters)
        _expect_ids(results, wanted, response, filters)

    _with_each_filter(target, check, without_tags=True)  # which are no feature of searches


@CHECKS.register("get_context", feature="filters")
def context_filters_by_its_features(target: Target) -> None:
    """Tags, content type, external id, metadata and time of creation select memories."""

    def check(filters: Mapping[str, Any], wanted: List[str]) -> None:
        body = {"query": _wanted(target)["content"], **filters}
        response = target.call("get_context", body=body)
        memories = expect_object(response, "a context")["memories"]
        _expect_ids(memories, wanted, response, filters)

    _with_each_filter(target, check)


@CHECKS.register("create_memory", feature="tags")
def create_takes_tags(target: Target) -> None:
    """The tags are joined to those in the metadata."""
    memory = target.create(tags=["first", "second"], metadata={"tags": ["second", "third"]})
    tags = memory["metadata"]["tags"]
    expect(sorted(tags) == ["first", "second", "third"], f"the tags are {tags}")


@CHECKS.register("update_memory", feature="tags")
def update_replaces_tags(target: Target) -> None:
    """The tags replace the memory's tags, and the other metadata stay."""
    memory = target.create(metadata={"tags": ["old"], "kept": 1})
    response = target.call("update_memory", memory_id=memory["id"], body={"tags": ["new"]})
    changed = expect_object(response, "new tags")
    expect(changed["metadata"].get("tags") == ["new"], "the tags aren't replaced", response)
    expect(changed["metadata"].get("kept") == 1, "other metadata are lost", response)


@CHECKS.register("create_memory", feature="expires-at")
def create_takes_a_time_of_expiry(target: Target) -> None:
    """A memory expires at the given time, which must be in the future."""
    wanted = datetime.now(timezone.utc).replace(microsecond=0) + _DAY
    memory = target.create(tier="long", expires_at=wanted.isoformat())
    shown = memory["expires_at"]
    expect(timestamp(shown) == wanted, f"expires_at is {shown}, not {wanted.isoformat()}")
    body = target.with_marker({"content": "late", "expires_at": (wanted - 2 * _DAY).isoformat()})
    expect_rejected(target.call("create_memory", body=body), "a time of expiry in the past")


@CHECKS.register("create_memory", feature="upsert")
def upsert_updates_the_memory_with_the_external_id(target: Target) -> None:
    """A second upsert updates the memory that the first one created."""
    key = target.unique_text("upsert")
    first = target.create(content="Tea", external_id=key, upsert=True, importance_score=0.25)
    second = target.create(content="Coffee", external_id=key, upsert=True)
    expect(second["id"] == first["id"], "an upsert creates a second memory")
    expect(second["content"] == "Coffee", "an upsert doesn't update the content")
    expect(second["importance_score"] == 0.25, "an upsert changes a field that it leaves out")
    again = target.create(content="Coffee", external_id=key, upsert=True)
    expect(again["updated_at"] == second["updated_at"], "an upsert without changes is an update")


@CHECKS.register("create_memory", feature="upsert")
def upsert_within_tags_leaves_other_memories(target: Target) -> None:
    """An upsert updates only a memory with all tags in `upsert_within`."""
    key = target.unique_text("upsert within")
    ada = {"external_id": key, "upsert": True, "metadata": {"tags": ["user:ada"]}}
    bob = {"external_id": key, "upsert": True, "metadata": {"tags": ["user:bob"]}}
    first = target.create(content="Tea", upsert_within=["user:ada"], **ada)
    second = target.create(content="Coffee", upsert_within=["user:bob"], **bob)
    expect(second["id"] != first["id"], "an upsert updates a memory without the tags")


@CHECKS.register("create_memory", feature="upsert")
def upsert_needs_an_external_id(target: Target) -> None:
    """An upsert without an external id is rejected."""
    body = target.with_marker({"content": "Tea", "upsert": True})
    expect_rejected(target.call("create_memory", body=body), "an upsert without an external id")


@CHECKS.register("update_memory", feature="if-updated-at")
def update_fails_if_another_was_first(target: Target) -> None:
    """An update with an old `if_updated_at` is a conflict, and changes nothing."""
    memory = target.create(importance_score=0.25)
    body = {"importance_score": 0.75, "if_updated_at": "2001-01-01T00:00:00Z"}
    response = target.call("update_memory", memory_id=memory["id"], body=body)
    expect_status(response, 409, "an update of a memory that was changed since")
    body["if_updated_at"] = memory["updated_at"]
    shown = target.call("get_memory", memory_id=memory["id"])
    unchanged = {"importance_score": 0.25}
    expect_fields(expect_object(shown, "reading the memory"), unchanged, shown)
    response = target.call("update_memory", memory_id=memory["id"], body=body)
    expect_object(response, "an update of a memory that was not changed since")


@CHECKS.register("create_memory", feature="import-fields")
def import_fields_need_the_permission_admin(target: Target) -> None:
    """Without the permission `admin`, a time of creation is 403; with it, it is stored."""
    wanted = datetime(2020, 2, 29, 12, tzinfo=timezone.utc)
    body = target.with_marker({"content": "Old", "tier": "long", "created_at": wanted.isoformat()})
    response = target.call("create_memory", body=body)
    if response.status == 403:
        return
    created = _time_of_creation(expect_object(response, "a time of creation"))
    expect(created == wanted, f"created_at is {created}, not {wanted}", response)


@CHECKS.register("get_context", feature="context-metadata")
def context_contains_metadata(target: Target) -> None:
    """Each memory in a context has its metadata."""
    wanted = _wanted(target)
    response = target.call("get_context", body={"query": wanted["content"]})
    memories = expect_object(response, "a context")["memories"]
    missing = [each["id"] for each in memories if not isinstance(each.get("metadata"), dict)]
    expect(not missing, f"{len(missing)} memories have no metadata", response)
    for each in memories:
        if each["id"] == wanted["id"]:
            expect_fields(each, {"metadata": wanted["metadata"]}, response)


@CHECKS.register("search_memories", feature="highlights")
def search_contains_highlights(target: Target) -> None:
    """With `highlights`, each result has a list of texts."""
    results, response = _search(target, "a search with highlights", highlights=True)
    for result in results:
        texts = result.get("highlights")
        is_valid = isinstance(texts, list) and all(isinstance(text, str) for text in texts)
        expect(is_valid, "a result has no highlights", response)


@CHECKS.register("search_memories", feature="explain")
def search_explains_the_score(target: Target) -> None:
    """With `explain`, the shares in each result's explanation add up to its `combined_score`."""
    results, response = _search(target, "a search with explanations", explain=True)
    for result in results:
        if not result.get("explanation"):
            raise CheckFailedError("a result has no explanation", response)
        shares = [part["share"] for part in result["explanation"]["parts"]]
        total, score = math.fsum(shares), result["combined_score"]
        expect(math.isclose(total, score, abs_tol=1e-6), f"{total} is not {score}", response)


@CHECKS.register("search_memories", feature="explain")
def search_with_explanations_counts_no_access(target: Target) -> None:
    """A search with `explain` counts no access of its results."""
    wanted = _wanted(target)
    before = _accesses(target, wanted)
    _search(target, "a search with explanations", explain=True)
    after = _accesses(target, wanted)
    expect(after == before, f"access_count is {after}, not {before} as before the search")


@CHECKS.register("get_memory", feature="uncounted")
def get_can_be_uncounted(target: Target) -> None:
    """With `uncounted`, a get counts no access."""
    wanted = _wanted(target)
    before = _accesses(target, wanted)
    after = _accesses(target, wanted)
    expect(after == before, f"access_count is {after}, not {before} as before the get")


def _accesses(target: Target, memory: Dict[str, Any]) -> Any:
    """Read how often a memory was accessed, without another access."""
    query = {"uncounted": "true"}
    response = target.call("get_memory", memory_id=memory["id"], query=query)
    return expect_object(response, "reading a memory").get("access_count")


def _search(target: Target, what: str, **fields: Any) -> Tuple[List[Dict[str, Any]], Response]:
    """Return the results of a search for the content of `_wanted`, and the response."""
    body = {"query": _wanted(target)["content"], "threshold": 0, **fields}
    response = target.call("search_memories", body=body)
    results: List[Dict[str, Any]] = expect_object(response, what)["results"]
    return results, response


def _wanted(target: Target) -> Dict[str, Any]:
    """Return the one memory that all filters of these checks select."""
    memory: Dict[str, Any] = target.cached("wanted by filters", lambda: _create_two(target))
    return memory


def _create_two(target: Target) -> Dict[str, Any]:
    text = target.unique_text("a memory that filters select")
    metadata = {"tags": [text], "wanted": {"text": text}}
    target.create(content=f"{text}, but this one not")
    return target.create(
        content=text, content_type="fact", external_id=text, metadata=metadata, tier="long"
    )


def _with_each_filter(
    target: Target,
    check: Callable[[Mapping[str, Any], List[str]], None],
    *,
    without_tags: bool = False,
) -> None:
    memory = _wanted(target)
    name = memory["external_id"]
    created = _time_of_creation(memory)
    before, after = (created - _DAY).isoformat(), (created + _DAY).isoformat()
    every: List[Mapping[str, Any]] = [
        {"tags": [name]},
        {"external_id": name},
        {"metadata": {"wanted": {"text": name}}},
        {"external_id": name, "content_type": "fact"},
        {"external_id": name, "created_after": before, "created_before": after},
    ]
    for filters in every:
        if not (without_tags and "tags" in filters):
            target.eventually(partial(check, filters, [memory["id"]]))
    for filters in ({"created_after": after}, {"created_before": before}):
        check({"external_id": name, **filters}, [])


def _time_of_creation(memory: Mapping[str, Any]) -> datetime:
    created = timestamp(memory["created_at"])
    if created is None:
        raise UnusableResponseError("a memory has no valid created_at")
    return created


def _expect_ids(
    memories: Any, wanted: List[str], response: Response, filters: Mapping[str, Any]
) -> None:
    found = [each["id"] for each in memories]
    expect(found == wanted, f"the filter {dict(filters)} finds {found}, not {wanted}", response)
