"""Texts that frameworks pass on, of which some are empty."""

from __future__ import annotations

from unicodedata import category

__all__ = ["has_text"]


def has_text(text: str) -> bool:
    """Say whether a text can be stored or searched for: white space alone can't be."""
    return any(not (character.isspace() or category(character) == "Cf") for character in text)
