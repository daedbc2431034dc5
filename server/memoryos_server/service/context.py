"""Context assembly: ranked memories to a text for a prompt, within a token budget.

Memories are added best first, each text once. A memory that exceeds the remaining budget is cut to
its best passages, which take at most half of what remains, so that it doesn't keep out the
memories after it. What then remains of the budget extends the cut memories, best first.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from memoryos_server.text.duplicates import duplicate_key

from .context_formats import FORMATS, group_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from memoryos_server.search.combined_score import RankedMemory
    from memoryos_server.search.passages import PassageFinder, Passages

    from .context_formats import ContextFormat

__all__ = ["Context", "build_context"]

MAX_CONSECUTIVE_MISSES = 20
"""Number of consecutive memories over budget after which no more are tried."""

MAX_CUT_MEMORIES = 4
"""Maximum number of memories in a context that are cut to passages."""

MIN_PASSAGE_TOKENS = 40
"""Room from which a memory is cut to passages instead of left out."""

MIN_ONLY_PASSAGE_TOKENS = 12
"""The same if the context would otherwise be empty: about one short sentence."""

_SURELY_TOO_LONG = 1.25
"""Ratio of tokens to limit in the start of a text from which the rest isn't counted."""


@dataclass(frozen=True, slots=True)
class Context:
    """A context for a prompt.

    Attributes:
        text: The text.
        token_count: Number of tokens of the text.
        memories: The memories in the text, best first.
        duplicates: Number of memories left out because the context contains their text.
    """

    text: str
    token_count: int
    memories: tuple[RankedMemory, ...]
    duplicates: int = 0


def build_context(
    ranked: Iterable[RankedMemory],
    *,
    budget: int,
    count: Callable[[str], int],
    output_format: str = "text",
    finder: PassageFinder | None = None,
) -> Context:
    """Return a context with the best memories that the budget has room for.

    Args:
        ranked: Memories, best first.
        budget: Maximum number of tokens, 0 or more.
        count: Returns the number of tokens of a text.
        output_format: `text` or `json`.
        finder: Finds the passages of memories that don't fit; without it they are left out.

    Returns:
        A context of at most `budget` tokens. Its text is empty if the budget has no room even for a
        document without memories.
    """
    selection = _Selection(FORMATS[output_format], budget, count, finder)
    selection.fill(ranked)
    selection.extend_passages()
    text, tokens = selection.render()
    duplicates = selection.duplicates
    if tokens > budget:
        return Context("", 0, (), duplicates)
    return Context(text, tokens, tuple(selection.memories), duplicates)


class _Selection:
    """The memories selected for a context.

    Args:
        output_format: The format of the context.
        budget: Maximum number of tokens.
        count: Returns the number of tokens of a text.
        finder: Finds passages, or None.
    """

    def __init__(
        self,
        output_format: ContextFormat,
        budget: int,
        count: Callable[[str], int],
        finder: PassageFinder | None,
    ) -> None:
        self.memories: list[RankedMemory] = []
        self.duplicates = 0
        self._format = output_format
        self._budget = budget
        self._count = count
        self._finder = finder
        self._unused_headings = dict(output_format.headings)
        self._passages: dict[str, Passages] = {}  # by ID of the memory

    def fill(self, ranked: Iterable[RankedMemory]) -> None:
        """Select memories whose parts of the text fit into the budget together."""
        seen: set[str] = set()
        too_long: list[RankedMemory] = []
        remaining, misses = self._budget - self._count(self._format.render([])), 0
        for item in ranked:
            if remaining <= 0 or misses == MAX_CONSECUTIVE_MISSES:
                break
            key = duplicate_key(item.memory.content)
            if key in seen:
                self.duplicates += 1
                continue
            room = remaining - self._heading_tokens(item)
            fits = self._fits(item, room)
            fitting = item if fits else self._cut(item, room, MIN_PASSAGE_TOKENS)
            if fitting is None:
                too_long.append(item)
                misses += 1
                continue
            self._unused_headings.pop(group_of(item), None)
            seen.add(key)
            self.memories.append(fitting)
            remaining, misses = room - self._tokens(fitting), 0
        if too_long and not self.memories:
            room = remaining - self._heading_tokens(too_long[0])
            only = self._cut(too_long[0], room, MIN_ONLY_PASSAGE_TOKENS)
            self.memories.extend([only] if only else [])

    def extend_passages(self) -> None:
        """Use the remaining budget for longer passages of the memories that were cut."""
        for index, item in enumerate(self.memories):
            if item.passages is not None:
                _, used = self.render()
                extended = self._best_passages(item, self._tokens(item) + self._budget - used)
                if extended is not None and len(extended.content) > len(item.content):
                    self._replace_if_it_fits(index, extended)

    def render(self) -> tuple[str, int]:
        """Return the text and its number of tokens, after removing what exceeds the budget.

        The sum of the parts is only an estimate: tokens can span the boundary of two parts.
        """
        tokens = self._count(text := self._format.render(self.memories))
        while tokens > self._budget and self.memories:
            self._shrink(tokens - self._budget)
            tokens = self._count(text := self._format.render(self.memories))
        return text, tokens

    def _shrink(self, excess: int) -> None:
        """Shorten the last memory if it was cut, otherwise remove it."""
        item = self.memories.pop()
        if item.passages is None:
            return
        shorter = self._best_passages(item, self._tokens(item) - excess)
        if shorter is not None and len(shorter.content) < len(item.content):
            self.memories.append(shorter)

    def _replace_if_it_fits(self, index: int, extended: RankedMemory) -> None:
        memories = [*self.memories[:index], extended, *self.memories[index + 1 :]]
        if self._count(self._format.render(memories)) <= self._budget:
            self.memories = memories

    def _fits(self, item: RankedMemory, room: int) -> bool:
        """Return whether a memory fits, without counting all tokens of one that is far too long."""
        if room <= 0:
            return False
        content = item.content
        start = content[: 8 * room + 256]
        if len(start) < len(content) and self._count(start) > _SURELY_TOO_LONG * room + 64:
            return False
        return self._tokens(item) <= room

    def _cut(self, item: RankedMemory, room: int, least: int) -> RankedMemory | None:
        """Return a memory with passages that take half of the room or, if none fits that, more.

        Return None if there is room for fewer than `least` tokens of its content.
        """
        if self._finder is None or len(self._passages) == MAX_CUT_MEMORIES:
            return None
        least += self._tokens(replace(item, passages=""))
        if room < least:
            return None
        memory = item.memory
        self._passages[memory.id] = self._finder.passages(memory.content)
        half = max(room // 2, least)
        return self._best_passages(item, half) or self._best_passages(item, room)

    def _best_passages(self, item: RankedMemory, limit: int) -> RankedMemory | None:
        """Return a cut memory with its best passages within a limit of tokens, if any fit."""

        def cost(passages: str) -> int:
            return self._tokens(replace(item, passages=passages))

        best = self._passages[item.memory.id].best(limit, cost)
        return None if best is None else replace(item, passages=best)

    def _heading_tokens(self, item: RankedMemory) -> int:
        return self._count(self._unused_headings.get(group_of(item), ""))

    def _tokens(self, item: RankedMemory) -> int:
        return self._count(self._format.render_memory(item))
