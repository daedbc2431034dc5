"""Texts that frameworks pass on: some are empty, and some can't be sent."""

from __future__ import annotations

from unicodedata import category

__all__ = ["encodable", "has_text", "searchable"]

_MAX_QUERY_CHARACTERS = 32_768


def has_text(text: str) -> bool:
    """Say whether a text can be stored or searched for: white space alone can't be."""
    return any(not (character.isspace() or category(character) == "Cf") for character in text)


def encodable(text: str) -> str:
    """Return a text with `?` for each unpaired surrogate, such as half of an emoji that was cut."""
    return text.encode(errors="replace").decode()


def searchable(text: str) -> str:
    """Return what a search takes of a text, its first 32,768 characters; empty for nothing."""
    query = encodable(text.strip()[:_MAX_QUERY_CHARACTERS])
    return query if has_text(query) else ""
