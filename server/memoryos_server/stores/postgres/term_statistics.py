"""What the words of a query tell: how many of an owner's memories hold each one, and which ones."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from memoryos_server.search.features import idf
from memoryos_server.search.index.memory_index import top
from memoryos_server.stores.words import term_of

from .number_arrays import packed, unpacked
from .phrase_search import hits

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray
    from psycopg import Connection

    Numbers = NDArray[np.int64]

__all__ = ["MAX_MEMORIES_OF_RARE_WORD", "WordMatches", "ask", "read"]

MAX_MEMORIES_OF_RARE_WORD = 50_000
"""A word that more memories hold tells too little to look at all of them: they are only counted."""

_LIMITED = "SELECT number FROM ({hits}) AS hits LIMIT %s"
_COUNTED = "SELECT count(*) FROM ({hits}) AS hits WHERE number <> ALL(%s::bigint[])"


class WordMatches(NamedTuple):
    """The memories that hold words of a query.

    Attributes:
        frequencies: How many memories hold each word.
        numbers: The memories that hold rare words.
        scores: The sum of the idf of the rare words that each of them holds.
    """

    frequencies: tuple[int, ...]
    numbers: Numbers
    scores: NDArray[np.float64]

    def best(self, count: int, selected: Numbers | None) -> list[int]:
        """Return at most `count` memories whose words tell the most; of equal ones the newest.

        Args:
            count: How many.
            selected: The only ones to return, or None for any.
        """
        numbers, scores = self.numbers, self.scores
        if selected is not None:
            is_selected = np.isin(numbers, selected)
            numbers, scores = numbers[is_selected], scores[is_selected]
        # Numbers ascend, so a place is what makes equal scores different.
        places = np.arange(len(numbers)) / (len(numbers) + 1)
        chosen: list[int] = numbers[top(np.round(scores, 6) * 1e6 + places, count)].tolist()
        return chosen


def ask(
    connection: Connection[tuple[Any, ...]], owner: str, words: Sequence[str]
) -> Iterable[tuple[int, bytes | None]]:
    """Ask for the memories that hold words, as far as these are rare."""
    parts = _parts(owner, words)
    if not parts:
        return ()
    limit = MAX_MEMORIES_OF_RARE_WORD + 1
    found = [packed(_LIMITED.format(hits=sql)) for sql, _ in parts]
    return connection.execute(
        _by_word(found, range(len(parts))),
        [value for _, given in parts for value in (*given, limit)],
        binary=True,
    )


def read(
    connection: Connection[tuple[Any, ...]],
    asked: Iterable[tuple[int, bytes | None]],
    *,
    owner: str,
    words: Sequence[str],
    expired: Numbers,
    total: int,
) -> WordMatches:
    """Return what the words of a query tell.

    Args:
        connection: To the database.
        asked: The rows of `ask`.
        owner: Whose memories.
        words: Of the query.
        expired: The memories that have expired.
        total: How many memories the owner has.
    """
    found = {word: unpacked(value) for word, value in asked}
    frequent = [word for word, held in found.items() if len(held) > MAX_MEMORIES_OF_RARE_WORD]
    frequencies = _counts(connection, owner, words, frequent, expired)
    rare = {}
    for word, held in found.items():
        if word not in frequencies:
            rare[word] = held[~np.isin(held, expired)] if len(expired) else held
            frequencies[word] = len(rare[word])
    weights = [idf(len(held), total) for held in rare.values()]
    lengths = [len(held) for held in rare.values()]
    joined = np.concatenate([*rare.values(), np.empty(0, np.int64)])
    numbers, places = np.unique(joined, return_inverse=True)
    scores = np.bincount(places, np.repeat(weights, lengths), len(numbers)).astype(np.float64)
    return WordMatches(tuple(frequencies[word] for word in range(len(words))), numbers, scores)


def _counts(
    connection: Connection[tuple[Any, ...]],
    owner: str,
    words: Sequence[str],
    frequent: Sequence[int],
    expired: Numbers,
) -> dict[int, int]:
    """Return how many memories hold each of the frequent words, by its place in the query."""
    if not frequent:
        return {}
    parts = _parts(owner, words)
    counted = connection.execute(
        _by_word([_COUNTED.format(hits=parts[word][0]) for word in frequent], frequent),
        [value for word in frequent for value in (*parts[word][1], expired.tolist())],
    )
    return dict(counted.fetchall())


def _parts(owner: str, words: Sequence[str]) -> list[tuple[str, list[Any]]]:
    """Return the SQL that finds the memories that hold each word, and its parameters."""
    return [hits(place, owner, [term_of(word)]) for place, word in enumerate(words)]


def _by_word(queries: Sequence[str], words: Sequence[int]) -> str:
    """Return the SQL of some queries for one value each, with the place of its word.

    PostgreSQL may run them in parallel, and promises no order of their rows.
    """
    return " UNION ALL ".join(
        f"SELECT {word}::integer, ({query})" for word, query in zip(words, queries, strict=True)
    )
