"""Output formats of a context: text and JSON.

Both group memories by tier and nature, long-term memories first. In a group, the best memory comes
first; the lines of conversations come last, in the order of time.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from itertools import chain
from typing import TYPE_CHECKING

from memoryos_server.search.conversation_ids import conversation_id
from memoryos_server.search.event_dates import time_order

from .context_marks import NO_MARKS, Marks

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from memoryos_server.search.combined_score import RankedMemory

__all__ = ["FORMATS", "GROUPS", "ContextFormat", "ContextLine", "render_json", "render_text"]

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

_CONVERSATION = "conversation"


@dataclass(frozen=True, slots=True)
class ContextLine:
    """A memory in a context, with its marks."""

    item: RankedMemory
    marks: Marks = NO_MARKS

    @property
    def content(self) -> str:
        """The text of the memory, or of its passages."""
        return self.item.content

    @property
    def group(self) -> Group:
        """The group of the memory."""
        return self.item.memory.tier, self.item.memory.memory_nature

    @property
    def is_message(self) -> bool:
        """Whether the memory is part of a conversation."""
        return self.item.memory.content_type == _CONVERSATION

    @property
    def shared_date(self) -> tuple[object, ...] | None:
        """What the lines have in common that need their date only once, None for other lines."""
        if not self.is_message or self.marks.date is None:
            return None
        return self.group, conversation_id(self.item.memory), self.marks.date

    def whole(self) -> ContextLine:
        """Return the memory uncut."""
        return replace(self, item=replace(self.item, passages=None))

    def with_passages(self, passages: str) -> ContextLine:
        """Return the memory cut to these passages."""
        return replace(self, item=replace(self.item, passages=passages))


def render_text(lines: Sequence[ContextLine]) -> str:
    """Return the memories as text, with a heading for each non-empty group."""
    groups: list[str] = []
    for group, members in _group_lines(lines):
        dated: set[object] = set()
        text = GROUPS[group]
        for line in members:
            text += _bullet(line, line.shared_date not in dated)
            if line.shared_date is not None:
                dated.add(line.shared_date)
        groups.append(text)
    return "\n\n".join(groups)


def render_json(lines: Sequence[ContextLine]) -> str:
    """Return the memories as a JSON document.

    Its form is `{"groups": [{"tier": …, "memory_nature": …, "memories": [{"content": …, …}]}]}`.
    """
    groups = [
        f"{_json_heading(group)}{', '.join(map(_json_memory, members))}]}}"
        for group, members in _group_lines(lines)
    ]
    return '{"groups": [' + ", ".join(groups) + "]}"


@dataclass(frozen=True, slots=True)
class ContextFormat:
    """An output format of a context.

    Attributes:
        render: Returns the whole text.
        render_memory: Returns the part of the text for one memory, with or without its date if
            others can share it.
        headings: The part of the text that starts each group.
    """

    render: Callable[[Sequence[ContextLine]], str]
    render_memory: Callable[[ContextLine, bool], str]
    headings: Mapping[Group, str]


def _group_lines(lines: Sequence[ContextLine]) -> list[tuple[Group, list[ContextLine]]]:
    """Return the non-empty groups with their lines, in order."""
    members: dict[Group, list[ContextLine]] = {group: [] for group in GROUPS}
    for line in lines:
        members[line.group].append(line)
    return [(group, _in_order(items)) for group, items in members.items() if items]


def _in_order(lines: Sequence[ContextLine]) -> list[ContextLine]:
    """Return the best lines first, then each conversation by time, the earliest one first."""
    messages = [line for line in lines if line.is_message]
    messages.sort(key=lambda line: time_order(line.item.memory))
    conversations: dict[int, list[ContextLine]] = {}
    for line in messages:
        conversations.setdefault(conversation_id(line.item.memory), []).append(line)
    others = [line for line in lines if not line.is_message]
    return [*others, *chain.from_iterable(conversations.values())]


def _bullet(line: ContextLine, with_date: bool) -> str:
    """Return a memory as one list item.

    Lines after the first are indented, so that content can't imitate a heading or another memory.
    """
    marks = line.marks if with_date else line.marks._replace(date=None)
    return f"\n- {marks.text}" + "\n  ".join(line.content.splitlines())


def _json_heading(group: Group) -> str:
    tier, nature = map(json.dumps, group)
    return f'{{"tier": {tier}, "memory_nature": {nature}, "memories": ['


def _json_memory(line: ContextLine, with_date: bool = True) -> str:  # noqa: ARG001
    marks = {name: mark for name, mark in line.marks._asdict().items() if mark is not None}
    return json.dumps({**marks, "content": line.content}, ensure_ascii=False)


FORMATS = {
    "text": ContextFormat(render_text, _bullet, GROUPS),
    "json": ContextFormat(
        render_json, _json_memory, {group: _json_heading(group) for group in GROUPS}
    ),
}
"""The output formats by their name in the contract."""
