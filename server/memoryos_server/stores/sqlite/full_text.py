"""Queries of FTS5, in which nothing that is looked for is syntax."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["any_of", "phrase"]


def phrase(text: str) -> str:
    """Return a query for the words of `text`, one after the other."""
    return '"' + text.replace('"', '""').replace("\0", " ") + '"'


def any_of(texts: Iterable[str]) -> str:
    """Return a query for any of `texts`; for none of them, one that finds nothing."""
    return " OR ".join(map(phrase, texts)) or phrase("")
