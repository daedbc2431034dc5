"""Text search in PostgreSQL: a table of words.

The rank is Okapi BM25 over the unexpired memories of one owner; see `search.bm25`.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any

from memoryos_server.search import bm25
from memoryos_server.search.protocols import WordHit
from memoryos_server.stores.words import term_of

from .conditions import condition
from .phrase_search import hits

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from psycopg import Connection

    from memoryos_server.model.records import Selection

    from .statements import Statements

__all__ = ["delete", "match_words", "store", "store_all"]

_RANKED = """
  WITH hits AS MATERIALIZED (
    SELECT phrase, number, frequency, word_count FROM ({hits}) AS found
    JOIN memoryos.memories USING (number)
    WHERE memories.owner = %s AND (expires_at IS NULL OR expires_at > %s)
  ),
  stored AS (
    SELECT count(*) AS texts, sum(word_count) AS words FROM memoryos.memories WHERE owner = %s
  ),
  expired AS (
    SELECT count(*) AS texts, coalesce(sum(word_count), 0) AS words
    FROM memoryos.memories WHERE owner = %s AND expires_at <= %s
  ),
  totals AS (
    SELECT stored.texts - expired.texts AS texts,
      (stored.words - expired.words)::double precision
        / nullif(stored.texts - expired.texts, 0) AS length
    FROM stored, expired
  ),
  odds AS (
    SELECT phrase, ln((texts - count(*) + 0.5) / (count(*) + 0.5)::double precision) AS weight
    FROM hits, totals GROUP BY phrase, texts
  ),
  weights AS (
    SELECT phrase, CASE WHEN weight > 0 THEN weight ELSE {min_weight} END AS weight FROM odds
  )
  SELECT memories.number, count(*) AS held,
    sum(weight * frequency * ({k1} + 1)
          / (frequency + {k1} * (1 - {b} + {b} * hits.word_count / length))
        ORDER BY phrase) AS score
  FROM hits JOIN weights USING (phrase) JOIN memoryos.memories USING (number), totals
  WHERE {where}
  GROUP BY memories.number ORDER BY score DESC, memories.number DESC LIMIT %s
"""


def store(
    connection: Connection[tuple[Any, ...]], owner: str, number: int, words: Sequence[str]
) -> None:
    """Make a memory findable by `words`, which are all of its text, in their order."""
    store_all(connection, owner, {number: words})


def store_all(
    connection: Connection[tuple[Any, ...]], owner: str, words: Mapping[int, Sequence[str]]
) -> None:
    """Make the memories with these numbers findable by their words; see `store`."""
    rows = [
        (number, word, f"{{{','.join(map(str, positions))}}}")
        for number, one in words.items()
        for word, positions in _positions(one).items()
    ]
    if rows:
        connection.execute(
            "INSERT INTO memoryos.memory_words (owner, number, word, positions) "
            "SELECT %s, new.number, new.word, new.positions::integer[] "
            "FROM unnest(%s::bigint[], %s::text[], %s::text[]) AS new (number, word, positions)",
            (owner, *map(list, zip(*rows, strict=True))),
        )


def _positions(words: Sequence[str]) -> Mapping[str, list[int]]:
    positions: defaultdict[str, list[int]] = defaultdict(list)
    for position, word in enumerate(words):
        positions[word].append(position)
    return positions


def delete(connection: Connection[tuple[Any, ...]], owner: str, number: int) -> None:
    """Drop the words of a memory."""
    connection.execute(
        "DELETE FROM memoryos.memory_words WHERE owner = %s AND number = %s", (owner, number)
    )


def match_words(
    connection: Statements,
    selection: Selection,
    words: Sequence[str],
    count: int,
) -> list[WordHit]:
    """Return the numbers of memories that hold any of `words`, the best by BM25 first.

    Each with how many of the words it holds.
    """
    terms = dict.fromkeys(map(term_of, words))
    if not terms:
        return []
    parts = [hits(index, selection.owner, [term]) for index, term in enumerate(terms)]
    where, values = condition(selection)
    rows = connection.execute(
        _RANKED.format(
            hits=" UNION ALL ".join(sql for sql, _ in parts),
            where=where,
            k1=bm25.K1,
            b=bm25.B,
            min_weight=bm25.MIN_WEIGHT,
        ),
        [
            *(value for _, given in parts for value in given),
            *(selection.owner, selection.now),
            *(selection.owner, selection.owner, selection.now),
            *values,
            count,
        ],
    )
    return [WordHit(*row) for row in rows]
