"""Output formats of a context: text and JSON.

Both group memories by tier and nature: long-term memories first, and within each group the best
first.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from memoryos_server.model.timestamps import format_timestamp

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from memoryos_server.search.combined_score import RankedMemory

__all__ = ["FORMATS", "GROUPS", "ContextFormat", "group_of", "render_json", "render_text"]

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
class ContextFormat:
    """An output format of a context.

    Attributes:
        render: Returns the whole text.
        render_memory: Returns the part of the text for one memory.
        headings: The part of the text that starts each group.
    """

    render: Callable[[Sequence[RankedMemory]], str]
    render_memory: Callable[[RankedMemory], str]
    headings: Mapping[Group, str]


def group_of(item: RankedMemory) -> Group:
    """Return the group of a memory."""
    return item.memory.tier, item.memory.memory_nature


def _group_memories(ranked: Sequence[RankedMemory]) -> list[tuple[Group, list[RankedMemory]]]:
    """Return the non-empty groups with their memories, in order."""
    members: dict[Group, list[RankedMemory]] = {group: [] for group in GROUPS}
    for item in ranked:
        members[group_of(item)].append(item)
    return [(group, items) for group, items in members.items() if items]


def _bullet(item: RankedMemory) -> str:
    """Return a memory as one list item.

    Lines after the first are indented, so that content can't imitate a heading or another memory.
    """
    return "\n- " + "\n  ".join(item.content.splitlines())


def _json_heading(group: Group) -> str:
    """Return the start of a group's JSON object, up to its memories."""
    tier, nature = map(json.dumps, group)
    return f'{{"tier": {tier}, "memory_nature": {nature}, "memories": ['


def _json_memory(item: RankedMemory) -> str:
    memory = item.memory
    # Microseconds would need as many tokens as a short memory.
    created_at = format_timestamp(memory.created_at, timespec="seconds")
    return json.dumps({"content": item.content, "created_at": created_at}, ensure_ascii=False)


FORMATS = {
    "text": ContextFormat(render_text, _bullet, GROUPS),
    "json": ContextFormat(
        render_json, _json_memory, {group: _json_heading(group) for group in GROUPS}
    ),
}
"""The output formats by their name in the contract."""
