"""Which memories refer to an entity: those that name its id, and those that mention it in the text.

A text mentions an entity by its name or an alias, as whole words, whatever the case and accents. A
store finds candidates by its words, which match endings too; here they are looked at closely.
"""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING

from memoryos_server.model.metadata import entity_ids
from memoryos_server.text.word_characters import LETTER

if TYPE_CHECKING:
    from collections.abc import Iterable

    from memoryos_server.model.records import EntityNames, Memory

__all__ = ["mentions", "refers_to_all"]


def refers_to_all(memory: Memory, entities: Iterable[EntityNames]) -> bool:
    """Say whether a memory refers to each of `entities`, by its metadata or in its content."""
    ids = entity_ids(memory.metadata)
    return all(entity.id in ids or mentions(memory.content, entity.names) for entity in entities)


def mentions(text: str, names: Iterable[str]) -> bool:
    """Say whether `text` holds any of `names` as whole words."""
    folded = _fold(text)
    return any(_contains_name(folded, name) for name in map(_fold, names) if name)


def _contains_name(text: str, name: str) -> bool:
    # Most names are not in it at all, which is much quicker to see.
    if name not in text:
        return False
    return re.search(f"(?<!{LETTER}){re.escape(name)}(?!{LETTER})", text) is not None


def _fold(text: str) -> str:
    """Return `text` without regard to case, accents, and how its words are spaced."""
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    bare = "".join(character for character in decomposed if not unicodedata.combining(character))
    return " ".join(unicodedata.normalize("NFC", bare).split())
