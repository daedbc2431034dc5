"""FTS5: queries in which the search text is never parsed as query syntax, and deleted words."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable

__all__ = ["any_of", "has_deleted_words", "note_deleted_words", "phrase", "purge_deleted_words"]


def phrase(text: str) -> str:
    """Return a query for the words of `text` as a phrase."""
    return '"' + text.replace('"', '""').replace("\0", " ") + '"'


def any_of(texts: Iterable[str]) -> str:
    """Return a query for any of `texts`; without texts, one that matches nothing."""
    return " OR ".join(map(phrase, texts)) or phrase("")


def note_deleted_words(connection: sqlite3.Connection) -> None:
    """Store that words of deleted contents are still in the index, until they are purged."""
    connection.execute("INSERT OR IGNORE INTO settings VALUES ('deleted_words', 1)")


def has_deleted_words(connection: sqlite3.Connection) -> bool:
    """Return whether words of deleted contents are still in the index."""
    row = connection.execute("SELECT 1 FROM settings WHERE name = 'deleted_words'").fetchone()
    return row is not None


def purge_deleted_words(connection: sqlite3.Connection) -> None:
    """Remove the words of deleted contents from the index.

    FTS5 only marks a deleted row, and keeps its words until it merges the parts of the index.
    The option `secure-delete` of FTS5 would make the file unreadable for SQLite before 3.42.
    """
    connection.execute("INSERT INTO memory_words (memory_words) VALUES ('optimize')")
    connection.execute("DELETE FROM settings WHERE name = 'deleted_words'")
