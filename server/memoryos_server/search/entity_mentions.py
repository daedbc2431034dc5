"""Entity mentions: memories refer to an entity by its ID in metadata, or by name in the content.

A text mentions an entity if it contains its name or an alias as whole words; case, accents, the
kinds of apostrophes, quotation marks and dashes, and characters without a width don't matter. A
name that touches `+`, `#` or `&` is part of another name: `C++` doesn't mention `C`. In scripts
without spaces between words, a name may be within a word, but the marks after a letter belong to
it.

The stores only select candidates, because their word search also matches other endings.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from memoryos_server.model.metadata import entity_ids
from memoryos_server.text.folding import fold
from memoryos_server.text.word_characters import is_emoji, is_joined, is_mark, is_word_character

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from memoryos_server.model.records import EntityNames, Memory

    from .combined_score import RankedMemory

__all__ = ["MAX_COMPARED_CHARACTERS", "MentionFilter", "mentions"]

MAX_COMPARED_CHARACTERS = 1_000_000_000
"""Work of one search: characters of contents, times the number of names plus `_FOLD_COST`.

This suffices for about 15 million characters. A search leaves out the memories after that.
"""

_FOLD_COST = 64  # Folding a character takes about as long as comparing it with so many names.


class MentionFilter:
    """Selects the memories that refer to all of some entities.

    Args:
        entities: The entities.

    Attributes:
        rejected: Number of memories that didn't refer to all of them.
    """

    def __init__(self, entities: Sequence[EntityNames]) -> None:
        self._entities = [(entity.id, _fold_names(entity.names)) for entity in entities]
        self._cost = _FOLD_COST + sum(len(names) for _, names in self._entities)
        self._remaining = MAX_COMPARED_CHARACTERS
        self.rejected = 0

    def __call__(self, result: RankedMemory) -> bool:
        """Return whether a memory refers to all entities, in its metadata or content."""
        refers = not self._entities or self._refers(result.memory)
        self.rejected += not refers
        return refers

    def _refers(self, memory: Memory) -> bool:
        ids = entity_ids(memory.metadata)
        others = [names for entity_id, names in self._entities if entity_id not in ids]
        if not all(others):
            return False
        if not others:
            return True
        self._remaining -= len(memory.content) * self._cost
        if self._remaining < 0:
            return False
        text = fold(memory.content)
        return all(any(_contains_name(text, name) for name in names) for names in others)


def mentions(text: str, names: Iterable[str]) -> bool:
    """Return whether `text` contains any of `names` as whole words."""
    folded = fold(text)
    return any(_contains_name(folded, name) for name in _fold_names(names))


def _fold_names(names: Iterable[str]) -> list[str]:
    return [name for name in dict.fromkeys(map(fold, names)) if name]


def _contains_name(text: str, name: str) -> bool:
    start = text.find(name)
    while start >= 0:
        if _is_whole(text, start, start + len(name)):
            return True
        start = text.find(name, start + 1)
    return False


def _is_whole(text: str, start: int, end: int) -> bool:
    """Return whether `text[start:end]` is not a part of a longer word or name."""
    before, after = text[start - 1 : start], text[end : end + 1]
    if is_joined(before) or is_joined(after) or is_mark(after):
        return False
    # The edges of a name are often symbols, as in `.NET`; only emoji stand beside letters.
    starts = is_emoji(text[start]) or not is_word_character(before)
    return starts and (is_emoji(text[end - 1]) or not is_word_character(after))
