"""Checks of `search_memories`. They consider only the run's memories."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Dict, List, Tuple

from memoryos.contract_testing.expectations import (
    CheckSkippedError,
    expect,
    expect_object,
    expect_rejected,
)

from .registry import Checks

if TYPE_CHECKING:
    from memoryos.contract_testing.http_messages import Response
    from memoryos.contract_testing.target import Target

CHECKS = Checks()

_DIMENSION = 1536
_SUBJECTS: List[Dict[str, Any]] = [
    {"content": "The heron stands in the reeds at dawn", "tier": "long"},
    {"content": "Quarterly accounts are due on Friday", "tier": "medium"},
    {"content": "The espresso machine wants descaling", "tier": "short"},
]
_NATURES = ("semantic", "episodic", None)


@CHECKS.register("search_memories")
def search_finds_what_was_stored(target: Target) -> None:
    """A search for the exact content of a memory finds it, with its fields."""
    for memory in _subjects(target):
        _finds(target, memory, {"query": memory["content"]})


@CHECKS.register("search_memories")
def search_applies_its_defaults(target: Target) -> None:
    """Without parameters, the threshold is 0.7, and there are at most 20 results."""
    content = target.unique_text("One of many notes on the tide")
    limit = target.contract.default("search_memories", "limit")
    for _ in range(limit + 1):
        target.create(content=content)
    response = target.call("search_memories", body={"query": content})
    data = expect_object(response, "a search without parameters")
    threshold = data.get("threshold")
    default = target.contract.default("search_memories", "threshold")
    expect(threshold == default, f"the threshold is {threshold}, not {default}", response)
    count = len(_results(data))
    expect(count <= limit, f"there are {count} results", response)


@CHECKS.register("search_memories")
def search_holds_at_most_limit(target: Target) -> None:
    """A search returns at most `limit` results."""
    _subjects(target)
    for limit in (1, 2):
        body = {"query": "the " + target.marker, "limit": limit, "threshold": 0}
        _, results, response = _search(target, body)
        expect(len(results) <= limit, f"limit={limit} returns {len(results)} results", response)


@CHECKS.register("search_memories")
def search_applies_the_threshold(target: Target) -> None:
    """No result has a similarity below the threshold, which the response contains."""
    subjects = _subjects(target)
    for threshold in (0, 0.3, 0.9, 1):
        for query in (subjects[0]["content"], "a bird in the water " + target.marker):
            body = {"query": query, "threshold": threshold, "limit": 100}
            data, results, response = _search(target, body)
            applied = data.get("threshold")
            expect(applied == threshold, f"the response contains threshold {applied}", response)
            for found in target.own_memories(results):
                near = found.get("similarity", 0) >= threshold - 1e-6
                message = f"threshold {threshold} returns similarity {found.get('similarity')}"
                expect(near, message, response)


@CHECKS.register("search_memories")
def search_ranks_the_best_first(target: Target) -> None:
    """The run's memories are ordered by descending combined score."""
    for memory in _subjects(target):
        body = {"query": memory["content"], "threshold": 0, "limit": 100}
        _, results, response = _search(target, body)
        scores = [found.get("combined_score", 0) for found in target.own_memories(results)]
        ordered = sorted(scores, reverse=True) == scores
        expect(ordered, f"the combined scores are {scores[:5]}", response)


@CHECKS.register("search_memories")
def search_prefers_the_very_words(target: Target) -> None:
    """The memory with the exact content is more similar than unrelated memories."""
    for memory in _subjects(target):
        body = {"query": memory["content"], "threshold": 0, "limit": 100}
        _, results, response = _search(target, body)
        subjects = {each["id"] for each in _subjects(target)}
        near = {each["id"]: each.get("similarity", 0) for each in target.own_memories(results)}
        others = [score for key, score in near.items() if key in subjects - {memory["id"]}]
        best = all(near.get(memory["id"], 0) > score for score in others)
        expect(
            best, "an unrelated memory is as similar as the one with the exact content", response
        )


@CHECKS.register("search_memories")
def search_filters_by_tier(target: Target) -> None:
    """A search filtered by tier finds the run's memories of that tier, and no others."""
    _filters(target, "tier")


@CHECKS.register("search_memories")
def search_filters_by_nature(target: Target) -> None:
    """A search filtered by nature finds the run's memories of that nature, and no others."""
    _filters(target, "memory_nature")


@CHECKS.register("search_memories", assumed=True)
def search_filters_by_tags(target: Target) -> None:
    """A search by tags finds the memories whose metadata contains all of them."""
    first, second = target.marker + "-red", target.marker + "-blue"
    content = target.unique_text("a memory with two tags")
    both = target.create(content=content, metadata={"tags": [first, second]})
    one = target.create(content=content + " and one", metadata={"tags": [first]})
    _finds(target, both, {"query": content, "tags": [first, second]}, without=one)
    _finds(target, one, {"query": content + " and one", "tags": [first]})
    _finds(target, both, {"query": content, "tags": [second]}, without=one)


@CHECKS.register("search_memories")
def search_sees_new_content(target: Target) -> None:
    """After an update, a search finds the memory by its new content."""
    memory = target.create(content=target.unique_text("It was about sailing boats"), tier="long")
    wanted = target.unique_text("Now it is about sourdough bread")
    target.call("update_memory", memory_id=memory["id"], body={"content": wanted})
    _finds(target, {**memory, "content": wanted}, {"query": wanted})


@CHECKS.register("search_memories")
def search_reads_any_script(target: Target) -> None:
    """A search in any script finds a memory in that script."""
    memory = target.create(content=target.unique_text("Заметка 会議の記録 👩🏽‍🚀"), tier="long")
    _finds(target, memory, {"query": memory["content"]})


@CHECKS.register("search_memories")
def search_needs_something_to_search_for(target: Target) -> None:
    """A search with neither query nor embedding is rejected."""
    expect_rejected(target.call("search_memories", body={}), "a search without query and embedding")
    expect_rejected(
        target.call("search_memories", body={"limit": 5}), "a search without query and embedding"
    )


@CHECKS.register("search_memories")
def search_takes_an_embedding(target: Target) -> None:
    """A search by an embedding of 1536 numbers is accepted, or rejected as from another model."""
    embedding = [1.0] + [0.0] * (_DIMENSION - 1)
    response = target.call("search_memories", body={"embedding": embedding, "limit": 1})
    if not response.is_success:
        expect_rejected(response, "a search by an embedding")
        raise CheckSkippedError("the server rejects embeddings of other models")


@CHECKS.register("search_memories")
def search_refuses_an_embedding_of_another_length(target: Target) -> None:
    """An embedding without exactly 1536 numbers is rejected."""
    for length in (0, 1, 384, _DIMENSION - 1, _DIMENSION + 1):
        response = target.call("search_memories", body={"embedding": [0.5] * length})
        expect_rejected(response, f"an embedding of {length} numbers")


@CHECKS.register("search_memories")
def search_example_is_accepted(target: Target) -> None:
    """The contract's example of a search is accepted."""
    operation = target.contract.operations["search_memories"]
    for example in target.contract.request_examples(operation):
        expect_object(target.call("search_memories", body=example), "the contract's example")


def _subjects(target: Target) -> List[Dict[str, Any]]:
    def make() -> List[Dict[str, Any]]:
        made: List[Dict[str, Any]] = []
        for fields, nature in zip(_SUBJECTS, _NATURES):
            named = {} if nature is None else {"memory_nature": nature}
            content = target.unique_text(fields["content"])
            made.append(target.create(**{**fields, **named, "content": content}))
        return made

    subjects: List[Dict[str, Any]] = target.cached("subjects", make)
    return subjects


def _search(
    target: Target, body: Dict[str, Any]
) -> Tuple[Dict[str, Any], List[Dict[str, Any]], Response]:
    response = target.call("search_memories", body=body)
    data = expect_object(response, "a search")
    return data, _results(data), response


def _results(data: Dict[str, Any]) -> List[Dict[str, Any]]:
    results: List[Dict[str, Any]] = data.get("results", [])
    return results


def _finds(
    target: Target, memory: Dict[str, Any], body: Dict[str, Any], without: Any = None
) -> None:
    def found() -> None:
        _, results, response = _search(target, {"threshold": 0, "limit": 100, **body})
        own = {each["id"]: each for each in target.own_memories(results)}
        expect(memory["id"] in own, "the memory with the exact content is not found", response)
        shown = own[memory["id"]]
        for name in ("content", "tier", "content_type", "memory_nature", "metadata", "created_at"):
            message = f"the result and the memory have different values of {name}"
            expect(shown.get(name) == memory.get(name), message, response)
        is_filtered = without is None or without["id"] not in own
        expect(is_filtered, "a memory is found that the filter excludes", response)

    target.eventually(found)


def _filters(target: Target, name: str) -> None:
    for memory in _subjects(target):
        value = memory.get(name)
        if value is None:
            continue
        _finds(target, memory, {"query": memory["content"], name: value})
        body = {"query": target.marker, name: value, "threshold": 0, "limit": 100}
        _, results, response = _search(target, body)
        others = [
            each.get(name) for each in target.own_memories(results) if each.get(name) != value
        ]
        expect(not others, f"{name}={value} returns a memory with {others[:1]}", response)
