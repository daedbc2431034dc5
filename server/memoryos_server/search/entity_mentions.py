"""Entity mentions: memories refer to an entity by its ID in metadata, or by name in the content.

A text mentions an entity if it contains its name or an alias as whole words, ignoring case and
accents. The stores only select candidates, because their word search also matches other endings.
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
    """Return whether a memory refers to all entities, in its metadata or content."""
    ids = entity_ids(memory.metadata)
    return all(entity.id in ids or mentions(memory.content, entity.names) for entity in entities)


def mentions(text: str, names: Iterable[str]) -> bool:
    """Return whether `text` contains any of `names` as whole words."""
    folded = _fold(text)
    return any(_contains_name(folded, name) for name in map(_fold, names) if name)


def _contains_name(text: str, name: str) -> bool:
    # Most texts don't contain the name at all, and this check is much faster.
    if name not in text:
        return False
    return re.search(f"(?<!{LETTER}){re.escape(name)}(?!{LETTER})", text) is not None


def _fold(text: str) -> str:
    """Return `text` in lower case, without accents and with single spaces."""
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    bare = "".join(character for character in decomposed if not unicodedata.combining(character))
    return " ".join(unicodedata.normalize("NFC", bare).split())
