"""Tags and entities in the metadata of a memory."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from .normalization import normalize

__all__ = ["ASSIGNMENTS", "canonical_id", "entity_ids", "tag_name", "tag_names"]


ASSIGNMENTS = ("tags", "entities")
"""The names in metadata that assign a memory to tags and entities."""

_UUID_DIGITS = 32


def tag_names(metadata: dict[str, Any]) -> tuple[str, ...]:
    """Return the distinct names in `metadata["tags"]`, in order.

    Metadata may be any JSON object. Values that aren't lists of strings are ignored.
    """
    names = (tag_name(item) for item in _strings(metadata.get("tags")))
    return tuple(dict.fromkeys(name for name in names if name))


def entity_ids(metadata: dict[str, Any]) -> tuple[str, ...]:
    """Return the distinct IDs in `metadata["entities"]`, in order."""
    return tuple(dict.fromkeys(canonical_id(item) for item in _strings(metadata.get("entities"))))


def tag_name(text: str) -> str:
    """Return the normalized name of a tag: stripped, in Unicode form NFC."""
    return normalize("NFC", text.strip())


def canonical_id(text: str) -> str:
    """Return an ID as it is stored: UUIDs in lower case with hyphens, other text unchanged."""
    if len(text) < _UUID_DIGITS:  # metadata can contain thousands of other texts
        return text
    try:
        return str(UUID(text))
    except ValueError:
        return text


def _strings(value: object) -> list[str]:
    return [item for item in value if isinstance(item, str)] if isinstance(value, list) else []
