"""Where words stand in the memories of an owner: as SQL over the table of words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["hits"]

_WORD = """
  SELECT %s::integer AS phrase, number, cardinality(positions) AS frequency
  FROM memoryos.memory_words WHERE owner = %s AND word = %s
"""
_PHRASE = """
  SELECT %s::integer AS phrase, number, count(*)::integer AS frequency
  FROM ({starts}) AS starts GROUP BY number
"""
_STARTS = """
  SELECT number, unnest(positions) - %s AS start
  FROM memoryos.memory_words WHERE owner = %s AND word = %s
"""


def hits(index: int, owner: str, phrase: Sequence[str]) -> tuple[str, list[Any]]:
    """Return the SQL that finds where a phrase stands, and its parameters.

    Args:
        index: what to tell the phrase from others by; the column `phrase` of the rows.
        owner: whose memories.
        phrase: one word or more, in the form in which they are compared.
    """
    if len(phrase) == 1:
        return _WORD, [index, owner, phrase[0]]
    # Where the second word stands one place after the first one, and so on.
    starts = " INTERSECT ".join([_STARTS] * len(phrase))
    values = [value for step, word in enumerate(phrase) for value in (step, owner, word)]
    return _PHRASE.format(starts=starts), [index, *values]
