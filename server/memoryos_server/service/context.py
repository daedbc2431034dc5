"""Context assembly: ranked memories to a text for a prompt, within a token budget.

Memories are added best first, each text once. A memory that exceeds two thirds of the remaining
budget is cut to its best passages, which take at most half of what remains, so that it doesn't keep
out the memories after it. What then remains of the budget extends the cut memories, best first.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import chain, islice
from typing import TYPE_CHECKING

from memoryos_server.text.duplicates import duplicate_key

from .context_formats import FORMATS, ContextLine
from .context_marks import MarkReader

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

MAX_ITEMS_READ_FOR_DATES = 100
"""Number of the best memories whose dates decide whether days of creation are shown."""

MAX_SHARE_OF_ROOM = 2 / 3
"""Share of the remaining budget above which a memory is cut to passages although it fits."""

MAX_UNCUT_TOKENS = 100
"""Number of tokens up to which a memory that fits is never cut."""

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
    items = iter(ranked)
    first = list(islice(items, MAX_ITEMS_READ_FOR_DATES))
    reader = MarkReader(item.memory for item in first)
    selection = _Selection(FORMATS[output_format], budget, count, finder, reader)
    selection.fill(chain(first, items))
    selection.extend_passages()
    text, tokens = selection.render()
    duplicates = selection.duplicates
    if tokens > budget:
        return Context("", 0, (), duplicates)
    return Context(text, tokens, tuple(line.item for line in selection.lines), duplicates)


class _Selection:
    """The memories selected for a context.

    Args:
        output_format: The format of the context.
        budget: Maximum number of tokens.
        count: Returns the number of tokens of a text.
        finder: Finds passages, or None.
        reader: Reads the marks of memories.
    """

    def __init__(
        self,
        output_format: ContextFormat,
        budget: int,
        count: Callable[[str], int],
        finder: PassageFinder | None,
        reader: MarkReader,
    ) -> None:
        self.lines: list[ContextLine] = []
        self.duplicates = 0
        self._format = output_format
        self._budget = budget
        self._count = count
        self._finder = finder
        self._reader = reader
        self._remaining = budget - count(output_format.render([]))
        self._unused_headings = dict(output_format.headings)
        self._shown_dates: set[object] = set()
        self._passages: dict[str, Passages] = {}  # by ID of the memory

    def fill(self, ranked: Iterable[RankedMemory]) -> None:
        """Select memories whose parts of the text fit into the budget together."""
        seen: set[str] = set()
        too_long: list[ContextLine] = []
        misses = 0
        for item in ranked:
            if self._remaining <= 0 or misses == MAX_CONSECUTIVE_MISSES:
                break
            key = duplicate_key(item.memory.content)
            if key in seen:
                self.duplicates += 1
                continue
            line = ContextLine(item, self._reader.marks(item))
            if self._add(line):
                seen.add(key)
                misses = 0
            else:
                too_long.append(line)
                misses += 1
        if too_long and not self.lines:
            self._take(self._cut(too_long[0], MIN_ONLY_PASSAGE_TOKENS))

    def _add(self, line: ContextLine) -> bool:
        """Add a memory, or passages of it if it is long, and return whether there was room."""
        room = self._room(line)
        if self._fits(line, min(room, max(int(MAX_SHARE_OF_ROOM * room), MAX_UNCUT_TOKENS))):
            self._take(line)
            return True
        cut = self._cut(line, MIN_PASSAGE_TOKENS)
        fitting = line if cut is None and self._fits(line, room) else cut
        self._take(fitting)
        return fitting is not None

    def _take(self, line: ContextLine | None) -> None:
        if line is None:
            return
        self._remaining = self._room(line) - self._tokens(line)
        self._unused_headings.pop(line.group, None)
        if line.shared_date is not None:
            self._shown_dates.add(line.shared_date)
        self.lines.append(line)

    def extend_passages(self) -> None:
        """Use the remaining budget for longer passages of the memories that were cut."""
        for index, line in enumerate(self.lines):
            if line.item.passages is not None and not self._replace_if_it_fits(index, line.whole()):
                _, used = self.render()
                extended = self._best_passages(line, self._tokens(line) + self._budget - used)
                if extended is not None and len(extended.content) > len(line.content):
                    self._replace_if_it_fits(index, extended)

    def render(self) -> tuple[str, int]:
        """Return the text and its number of tokens, after removing what exceeds the budget.

        The sum of the parts is only an estimate: tokens can span the boundary of two parts.
        """
        tokens = self._count(text := self._format.render(self.lines))
        while tokens > self._budget and self.lines:
            self._shrink(tokens - self._budget)
            tokens = self._count(text := self._format.render(self.lines))
        return text, tokens

    def _shrink(self, excess: int) -> None:
        """Shorten the last memory if it was cut, otherwise remove it."""
        line = self.lines.pop()
        if line.item.passages is None:
            return
        shorter = self._best_passages(line, self._tokens(line) - excess)
        if shorter is not None and len(shorter.content) < len(line.content):
            self.lines.append(shorter)

    def _replace_if_it_fits(self, index: int, extended: ContextLine) -> bool:
        lines = [*self.lines[:index], extended, *self.lines[index + 1 :]]
        fits = self._fits(extended, self._budget) and (
            self._count(self._format.render(lines)) <= self._budget
        )
        if fits:
            self.lines = lines
        return fits

    def _fits(self, line: ContextLine, room: int) -> bool:
        """Return whether a memory fits, without counting all tokens of one that is far too long."""
        if room <= 0:
            return False
        content = line.content
        start = content[: 8 * room + 256]
        if len(start) < len(content) and self._count(start) > _SURELY_TOO_LONG * room + 64:
            return False
        return self._tokens(line) <= room

    def _cut(self, line: ContextLine, least: int) -> ContextLine | None:
        """Return a memory with passages that take half of the room or, if none fits that, more.

        Return None if there is room for fewer than `least` tokens of its content.
        """
        if self._finder is None or len(self._passages) == MAX_CUT_MEMORIES:
            return None
        room = self._room(line)
        least += self._tokens(line.with_passages(""))
        if room < least:
            return None
        memory = line.item.memory
        self._passages[memory.id] = self._finder.passages(memory.content)
        half = max(room // 2, least)
        return self._best_passages(line, half) or self._best_passages(line, room)

    def _best_passages(self, line: ContextLine, limit: int) -> ContextLine | None:
        """Return a cut memory with its best passages within a limit of tokens, if any fit."""

        def cost(passages: str) -> int:
            return self._tokens(line.with_passages(passages))

        best = self._passages[line.item.memory.id].best(limit, cost)
        return None if best is None else line.with_passages(best)

    def _room(self, line: ContextLine) -> int:
        """Return what remains of the budget after the heading of the memory's group."""
        return self._remaining - self._count(self._unused_headings.get(line.group, ""))

    def _tokens(self, line: ContextLine) -> int:
        with_date = line.shared_date not in self._shown_dates
        return self._count(self._format.render_memory(line, with_date))
