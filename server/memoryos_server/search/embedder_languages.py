"""What an embedder makes of the language of a query."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Set as AbstractSet

    from memoryos_server.embedders import Embedder

    from .features import Reading

__all__ = ["languages_of", "reading_of"]

_STEMMED = ("en", "")
_LATIN_LIMIT = "\u0250"


def languages_of(embedder: Embedder) -> AbstractSet[str] | None:
    """Return the ISO 639-1 codes of the languages that an embedder knows, None for any.

    Embedders say so by an optional attribute `languages`.
    """
    languages: AbstractSet[str] | None = getattr(embedder, "languages", None)
    return languages


def reading_of(query: str, language: str, known: AbstractSet[str] | None) -> Reading:
    """Return what an embedder makes of a query.

    Args:
        query: The query.
        language: Its language, or "" if that is unclear.
        known: The languages that the embedder knows, or None for any.
    """
    if known is None or language in known:
        return "known" if language in _STEMMED else "inflected"
    letters = [character for character in query if character.isalpha()]
    latin = sum(character < _LATIN_LIMIT for character in letters)
    if letters and 2 * latin < len(letters):
        return "unknown"
    return "related" if language else "known"
