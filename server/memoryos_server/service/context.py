"""From ranked memories to a context for a prompt, within a budget of tokens.

Memories are taken best first. One that does not fit is left out and the next one is tried, one
that repeats what is already in is left out too. Both forms put memories of one tier and nature
together, the lasting tiers first, and the best first in each of these groups.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from memoryos_server.model.timestamps import timestamp
from memoryos_server.search.near_duplicates import NearDuplicates

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from memoryos_server.search.combined_score import Ranked

__all__ = ["Context", "assemble", "render_json", "render_text"]

TIERS = ("long", "medium", "short")
NATURES = {"semantic": "knowledge", "episodic": "events", None: "memory"}
"""What the natures are called in a heading, in the order of the groups."""

Group = tuple[str, "str | None"]
"""A tier and a nature."""

GROUPS: dict[Group, str] = {
    (tier, nature): f"{tier.capitalize()}-term {name}:"
    for tier in TIERS
    for nature, name in NATURES.items()
}
"""The groups of a context in their order, each with its heading."""

MAX_MISFITS = 20
"""How many memories in a row may fail to fit before no more are tried."""


@dataclass(frozen=True, slots=True)
class Context:
    """A text for a prompt, its length in tokens, and the memories that are in it, best first."""

    text: str
    token_count: int
    memories: tuple[Ranked, ...]


def assemble(
    ranked: Iterable[Ranked], *, budget: int, count: Callable[[str], int], form: str = "text"
) -> Context:
    """Return the context of the best memories that fit.

    Args:
        ranked: memories, best first.
        budget: how many tokens the text may have, 0 or more.
        count: returns how many tokens a text has.
        form: `text` or `json`.

    Returns:
        A context of at most `budget` tokens; an empty text where not even an empty frame fits.
    """
    rules = _FORMS[form]
    chosen = _choose(ranked, budget, count, rules)
    # The sum of the parts only estimates the whole: tokens can form across the seams.
    while (tokens := count(text := rules.render(chosen))) > budget and chosen:
        chosen.pop()
    return Context(text, tokens, tuple(chosen)) if tokens <= budget else Context("", 0, ())


def render_text(ranked: Sequence[Ranked]) -> str:
    """Return the memories as text, under a heading for each group that has any."""
    return "\n\n".join(
        GROUPS[group] + "".join(map(_bullet, members)) for group, members in _grouped(ranked)
    )


def render_json(ranked: Sequence[Ranked]) -> str:
    """Return the memories as a JSON document.

    It is `{"groups": [{"tier": …, "memory_nature": …, "memories": [{"content": …, …}]}]}`.
    """
    groups = [
        f"{_json_heading(group)}{', '.join(map(_entry, members))}]}}"
        for group, members in _grouped(ranked)
    ]
    return '{"groups": [' + ", ".join(groups) + "]}"


@dataclass(frozen=True, slots=True)
class _Form:
    """How a context is written, whole and in the parts that a budget is planned with."""

    render: Callable[[Sequence[Ranked]], str]
    part: Callable[[Ranked], str]
    headings: Mapping[Group, str]


def _choose(
    ranked: Iterable[Ranked], budget: int, count: Callable[[str], int], form: _Form
) -> list[Ranked]:
    """Return the memories whose parts fit, by the sum of their tokens."""
    chosen: list[Ranked] = []
    seen = NearDuplicates()
    unused_headings = dict(form.headings)
    left, misfits = budget - count(form.render([])), 0
    for item in ranked:
        if left <= 0 or misfits == MAX_MISFITS:
            break
        if item.memory.content in seen:
            continue
        group = _group(item)
        price = count(form.part(item)) + count(unused_headings.get(group, ""))
        if price > left:
            misfits += 1
            continue
        unused_headings.pop(group, None)
        seen.add(item.memory.content)
        chosen.append(item)
        left, misfits = left - price, 0
    return chosen


def _group(item: Ranked) -> Group:
    return item.memory.tier, item.memory.memory_nature


def _grouped(ranked: Sequence[Ranked]) -> list[tuple[Group, list[Ranked]]]:
    """Return the groups that have any of the memories, each with these in their order."""
    members: dict[Group, list[Ranked]] = {group: [] for group in GROUPS}
    for item in ranked:
        members[_group(item)].append(item)
    return [(group, items) for group, items in members.items() if items]


def _bullet(item: Ranked) -> str:
    """Return a memory as one list item.

    Further lines are indented, so that no memory can pass for a heading or for another memory.
    """
    return "\n- " + "\n  ".join(item.memory.content.splitlines())


def _json_heading(group: Group) -> str:
    """Return how a group's object begins, up to its memories."""
    tier, nature = map(json.dumps, group)
    return f'{{"tier": {tier}, "memory_nature": {nature}, "memories": ['


def _entry(item: Ranked) -> str:
    memory = item.memory
    # To the second: the digits after it would cost as many tokens as a short memory.
    created_at = timestamp(memory.created_at, timespec="seconds")
    return json.dumps({"content": memory.content, "created_at": created_at}, ensure_ascii=False)


_FORMS = {
    "text": _Form(render_text, _bullet, GROUPS),
    "json": _Form(render_json, _entry, {group: _json_heading(group) for group in GROUPS}),
}
