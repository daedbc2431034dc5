"""Checks of `get_context`."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Dict

from memoryos.contract_testing.expectations import CheckFailedError, expect, expect_object

from .registry import Checks

if TYPE_CHECKING:
    from memoryos.contract_testing.target import Target

CHECKS = Checks()

# More than any tokenizer puts into one token of text, except for runs of blanks.
_MAX_BYTES_PER_TOKEN = 32


@CHECKS.register("get_context")
def context_uses_what_fits_the_query(target: Target) -> None:
    """A context for the exact content of a memory contains it, and lists the memory."""
    memory = _subject(target)

    def used() -> None:
        response = target.call("get_context", body={"query": memory["content"]})
        data = expect_object(response, "a context")
        listed = {each["id"]: each for each in target.own_memories(data.get("memories", []))}
        expect(memory["id"] in listed, "the memory with the exact content is not used", response)
        shown = listed[memory["id"]]
        for name in ("content", "tier"):
            same = shown.get(name) == memory[name]
            expect(same, f"the memory is listed with a different {name}", response)
        context = str(data.get("context"))
        expect(memory["content"] in context, "a listed memory is not in the text", response)

    target.eventually(used)


@CHECKS.register("get_context")
def context_keeps_to_its_default_budget(target: Target) -> None:
    """Without `max_tokens`, a context has at most 4000 tokens, as counted by the server."""
    response = target.call("get_context", body={"query": _subject(target)["content"]})
    count = expect_object(response, "a context").get("token_count", 0)
    budget = target.contract.default("get_context", "max_tokens")
    expect(count <= budget, f"token_count is {count}", response)


@CHECKS.register("get_context")
def context_never_exceeds_the_budget(target: Target) -> None:
    """A context never has more tokens than `max_tokens`, nor more text than they can encode."""
    memory = _subject(target)
    for budget in (0, 1, 10, 40, 200, 100_000):
        body = {"query": memory["content"], "max_tokens": budget}
        response = target.call("get_context", body=body)
        data = expect_object(response, f"a context with max_tokens={budget}")
        count, text = data.get("token_count", 0), str(data.get("context"))
        expect(count <= budget, f"max_tokens={budget} gives {count} tokens", response)
        fits = len(" ".join(text.split()).encode()) <= budget * _MAX_BYTES_PER_TOKEN
        expect(fits, f"max_tokens={budget} gives a text of {len(text)} characters", response)


@CHECKS.register("get_context")
def context_counts_its_tokens(target: Target) -> None:
    """`token_count` is 0 only for an empty context."""
    response = target.call("get_context", body={"query": _subject(target)["content"]})
    data = expect_object(response, "a context")
    consistent = bool(data.get("context")) is (data.get("token_count", 0) > 0)
    expect(consistent, f"token_count is {data.get('token_count')}", response)


@CHECKS.register("get_context")
def context_as_json_is_json(target: Target) -> None:
    """With the format `json`, the context is a JSON document."""
    body = {"query": _subject(target)["content"], "format": "json"}
    response = target.call("get_context", body=body)
    text = str(expect_object(response, "a context as JSON").get("context"))
    try:
        json.loads(text)
    except ValueError:
        raise CheckFailedError(f"the context is not JSON: {text[:60]!r}", response) from None


@CHECKS.register("get_context")
def context_filters_by_tier(target: Target) -> None:
    """A context filtered by tier uses none of the run's memories of other tiers."""
    for tier in ("short", "medium", "long"):
        body = {"query": _subject(target)["content"], "tier": tier}
        response = target.call("get_context", body=body)
        used = target.own_memories(expect_object(response, "a context").get("memories", []))
        others = [each.get("tier") for each in used if each.get("tier") != tier]
        expect(not others, f"tier={tier} uses a memory of the tier {others[:1]}", response)


@CHECKS.register("get_context")
def context_lists_the_best_first(target: Target) -> None:
    """The run's memories are listed by descending score."""
    response = target.call("get_context", body={"query": _subject(target)["content"]})
    used = target.own_memories(expect_object(response, "a context").get("memories", []))
    scores = [each.get("score", 0) for each in used]
    for place, (one, following) in enumerate(zip(scores, scores[1:]), start=1):
        expect(following <= one, f"after {place} memories, {following} follows {one}", response)


@CHECKS.register("get_context")
def context_example_is_accepted(target: Target) -> None:
    """The contract's example of a context request is accepted."""
    operation = target.contract.operations["get_context"]
    for example in target.contract.request_examples(operation):
        expect_object(target.call("get_context", body=example), "the contract's example")


def _subject(target: Target) -> Dict[str, Any]:
    content = target.unique_text("The lighthouse keeper counts ships in the evening")
    memory: Dict[str, Any] = target.cached(
        "context", lambda: target.create(content=content, tier="long")
    )
    return memory
