"""Text analysis before a transaction, so that no other writer waits for it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from memoryos_server.search.text_analysis import analyze_memory

from .words import words_of

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from memoryos_server.model.records import Memory

__all__ = ["ANALYZED_FIELDS", "Analyses"]

ANALYZED_FIELDS = (
    "content",
    "content_type",
    "metadata",
    "parent_memory_id",
    "source_id",
    "created_at",
)
"""The fields of a memory that its search terms depend on."""


class Analyses:
    """The words and search terms of the memories of one write.

    The store asks for them once before the transaction. Within it they are known already, unless
    another writer has changed the memory in between.
    """

    def __init__(self) -> None:
        self._words: dict[str, list[str]] = {}
        self._terms: list[tuple[tuple[object, ...], bytes]] = []

    def words(self, memory: Memory) -> list[str]:
        """Return the words of the memory's content; see `words_of`."""
        words = self._words.get(memory.content)
        if words is None:
            words = self._words[memory.content] = words_of(memory.content)
        return words

    def terms(self, memory: Memory) -> bytes:
        """Return the search terms of the memory; see `analyze_memory`."""
        source = tuple(getattr(memory, name) for name in ANALYZED_FIELDS)
        for known_source, terms in self._terms:
            if known_source == source:
                return terms
        terms = analyze_memory(memory)
        self._terms.append((source, terms))
        return terms

    def prepare_insert(self, memory: Memory) -> None:
        """Analyze a memory that is about to be stored."""
        self.words(memory)
        self.terms(memory)

    def prepare_update(self, before: Memory, after: Memory) -> None:
        """Analyze what replaces the memory `before`, if its text or metadata changes."""
        if after.content != before.content:
            self.words(before)
            self.words(after)
        if any(getattr(after, name) != getattr(before, name) for name in ANALYZED_FIELDS):
            self.terms(after)

    def prepare_upsert(
        self, found: Sequence[Memory], new: Memory, change: Callable[[Memory], Memory]
    ) -> None:
        """Analyze what replaces the memory found, or `new` if there is none."""
        for before in found:
            self.prepare_update(before, change(before))
        if not found:
            self.prepare_insert(new)

    def prepare_delete(self, memory: Memory) -> None:
        """Analyze a memory that is about to be deleted."""
        self.words(memory)
