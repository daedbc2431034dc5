"""FTS5 queries in which the search text is never parsed as query syntax."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["any_of", "phrase"]


def phrase(text: str) -> str:
    """Return a query for the words of `text` as a phrase."""
    return '"' + text.replace('"', '""').replace("\0", " ") + '"'


def any_of(texts: Iterable[str]) -> str:
    """Return a query for any of `texts`; without texts, one that matches nothing."""
    return " OR ".join(map(phrase, texts)) or phrase("")
