"""Lexical search in SQLite, with FTS5."""

# ruff: noqa: S608 - only constants of this package are put into the SQL, values are parameters

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from memoryos_server.stores.row_mapper import to_json

from .conditions import condition
from .full_text import any_of, phrase

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Sequence

    from memoryos_server.model.records import Selection

__all__ = ["match_words"]


def match_words(
    connection: sqlite3.Connection, selection: Selection, words: Sequence[str], count: int
) -> list[tuple[int, int]]:
    """Return the numbers of memories that contain any of `words`, best by BM25 first.

    Each number comes with how many of the words its memory contains.
    """
    numbers = _best(connection, selection, words, count)
    matches: Counter[int] = Counter()
    for word in words:
        matches.update(_containing(connection, word, numbers))
    return [(number, matches[number]) for number in numbers]


def _best(
    connection: sqlite3.Connection, selection: Selection, words: Sequence[str], count: int
) -> list[int]:
    if not words:
        return []
    where, values = condition(selection)
    rows = connection.execute(
        "SELECT memories.number FROM memory_words "
        "JOIN memories ON memories.number = memory_words.rowid "
        f"WHERE memory_words MATCH ? AND {where} "
        "ORDER BY bm25(memory_words), memories.number DESC LIMIT ?",
        [any_of(words), *values, count],
    )
    return [row[0] for row in rows]


def _containing(connection: sqlite3.Connection, word: str, numbers: Sequence[int]) -> list[int]:
    rows = connection.execute(
        "SELECT rowid FROM memory_words WHERE memory_words MATCH ? "
        "AND rowid IN (SELECT value FROM json_each(?))",
        (phrase(word), to_json(numbers)),
    )
    return [row[0] for row in rows]
