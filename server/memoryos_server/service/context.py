"""Context assembly: ranked memories to a text for a prompt, within a token budget.

Memories are added best first, except for those that exceed the remaining budget and near-duplicates
of memories already added. Both formats group memories by tier and nature: long-term memories first,
and within each group the best first.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from memoryos_server.model.timestamps import format_timestamp
from memoryos_server.search.near_duplicates import NearDuplicates

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from memoryos_server.search.combined_score import RankedMemory

__all__ = ["Context", "build_context", "render_json", "render_text"]

TIERS = ("long", "medium", "short")
"""The tiers in the order of the groups."""

NATURES = {"semantic": "knowledge", "episodic": "events", None: "memory"}
"""Names of the natures in headings, in the order of the groups."""

Group = tuple[str, "str | None"]
"""Tier and nature."""

GROUPS: dict[Group, str] = {
    (tier, nature): f"{tier.capitalize()}-term {name}:"
    for tier in TIERS
    for nature, name in NATURES.items()
}
"""Heading of each group, in the order of the groups."""

MAX_CONSECUTIVE_MISSES = 20
"""Number of consecutive memories over budget after which no more are tried."""


@dataclass(frozen=True, slots=True)
class Context:
    """A context for a prompt.

    Attributes:
        text: The text.
        token_count: Number of tokens of the text.
        memories: The memories in the text, best first.
    """

    text: str
    token_count: int
    memories: tuple[RankedMemory, ...]


def build_context(
    ranked: Iterable[RankedMemory],
    *,
    budget: int,
    count: Callable[[str], int],
    output_format: str = "text",
) -> Context:
    """Return a context with the best memories that the budget has room for.

    Args:
        ranked: Memories, best first.
        budget: Maximum number of tokens, 0 or more.
        count: Returns the number of tokens of a text.
        output_format: `text` or `json`.

    Returns:
        A context of at most `budget` tokens. Its text is empty if the budget has no room even for a
        document without memories.
    """
    chosen_format = _FORMATS[output_format]
    selected = _select(ranked, budget, count, chosen_format)
    # The sum of the parts is only an estimate: tokens can span the boundary of two parts.
    while (tokens := count(text := chosen_format.render(selected))) > budget and selected:
        selected.pop()
    return Context(text, tokens, tuple(selected)) if tokens <= budget else Context("", 0, ())


def render_text(ranked: Sequence[RankedMemory]) -> str:
    """Return the memories as text, with a heading for each non-empty group."""
    return "\n\n".join(
        GROUPS[group] + "".join(map(_bullet, members)) for group, members in _group_memories(ranked)
    )


def render_json(ranked: Sequence[RankedMemory]) -> str:
    """Return the memories as a JSON document.

    Its form is `{"groups": [{"tier": …, "memory_nature": …, "memories": [{"content": …, …}]}]}`.
    """
    groups = [
        f"{_json_heading(group)}{', '.join(map(_json_memory, members))}]}}"
        for group, members in _group_memories(ranked)
    ]
    return '{"groups": [' + ", ".join(groups) + "]}"


@dataclass(frozen=True, slots=True)
class _Format:
    """An output format of a context.

    Attributes:
        render: Returns the whole text.
        render_memory: Returns the part of the text for one memory.
        headings: The part of the text that starts each group.
    """

    render: Callable[[Sequence[RankedMemory]], str]
    render_memory: Callable[[RankedMemory], str]
    headings: Mapping[Group, str]


def _select(
    ranked: Iterable[RankedMemory],
    budget: int,
    count: Callable[[str], int],
    output_format: _Format,
) -> list[RankedMemory]:
    """Return the memories whose parts fit into the budget together."""
    selected: list[RankedMemory] = []
    duplicates = NearDuplicates()
    unused_headings = dict(output_format.headings)
    remaining, misses = budget - count(output_format.render([])), 0
    for item in ranked:
        if remaining <= 0 or misses == MAX_CONSECUTIVE_MISSES:
            break
        if item.memory.content in duplicates:
            continue
        group = _group_of(item)
        tokens = count(output_format.render_memory(item)) + count(unused_headings.get(group, ""))
        if tokens > remaining:
            misses += 1
            continue
        unused_headings.pop(group, None)
        duplicates.add(item.memory.content)
        selected.append(item)
        remaining, misses = remaining - tokens, 0
    return selected


def _group_of(item: RankedMemory) -> Group:
    return item.memory.tier, item.memory.memory_nature


def _group_memories(ranked: Sequence[RankedMemory]) -> list[tuple[Group, list[RankedMemory]]]:
    """Return the non-empty groups with their memories, in order."""
    members: dict[Group, list[RankedMemory]] = {group: [] for group in GROUPS}
    for item in ranked:
        members[_group_of(item)].append(item)
    return [(group, items) for group, items in members.items() if items]


def _bullet(item: RankedMemory) -> str:
    """Return a memory as one list item.

    Lines after the first are indented, so that content can't imitate a heading or another memory.
    """
    return "\n- " + "\n  ".join(item.memory.content.splitlines())


def _json_heading(group: Group) -> str:
    """Return the start of a group's JSON object, up to its memories."""
    tier, nature = map(json.dumps, group)
    return f'{{"tier": {tier}, "memory_nature": {nature}, "memories": ['


def _json_memory(item: RankedMemory) -> str:
    memory = item.memory
    # Microseconds would need as many tokens as a short memory.
    created_at = format_timestamp(memory.created_at, timespec="seconds")
    return json.dumps({"content": memory.content, "created_at": created_at}, ensure_ascii=False)


_FORMATS = {
    "text": _Format(render_text, _bullet, GROUPS),
    "json": _Format(render_json, _json_memory, {group: _json_heading(group) for group in GROUPS}),
}
