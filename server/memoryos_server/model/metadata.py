"""The part of a memory's metadata that has a meaning: its tags and its entities."""

from __future__ import annotations

import unicodedata
from typing import Any
from uuid import UUID

__all__ = ["canonical_id", "entity_ids", "tag_name", "tag_names"]


def tag_names(metadata: dict[str, Any]) -> tuple[str, ...]:
    """Return the names in `metadata["tags"]`, each once, in order.

    Metadata may be any JSON object: what is not a list of names is no mistake, it just is no tag.
    """
    names = (tag_name(item) for item in _strings(metadata.get("tags")))
    return tuple(dict.fromkeys(name for name in names if name))


def entity_ids(metadata: dict[str, Any]) -> tuple[str, ...]:
    """Return the ids in `metadata["entities"]`, each once, in order."""
    return tuple(dict.fromkeys(canonical_id(item) for item in _strings(metadata.get("entities"))))


def tag_name(text: str) -> str:
    """Return the name by which a tag is known: without space around it, accents composed."""
    return unicodedata.normalize("NFC", text.strip())


def canonical_id(text: str) -> str:
    """Return an id as it is stored: a UUID in lower case with hyphens, anything else unchanged."""
    try:
        return str(UUID(text))
    except ValueError:
        return text


def _strings(value: object) -> list[str]:
    return [item for item in value if isinstance(item, str)] if isinstance(value, list) else []
