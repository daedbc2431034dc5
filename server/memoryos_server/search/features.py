"""What speaks for a memory, and how much of it: the order in which a search finds.

    evidence = cosine + 0.12 · words + 0.5 · speaker
             + 0.3 · neighbours + 0.5 · question + 0.8 · time

- cosine: of the query's vector and the memory's.
- words: the sum, over the words of the query that the memory holds, of how rare each is among the
  owner's memories: ln(1 + (memories without it + ½) / (memories with it + ½)).
  In a conversation, a word that is said up to 4 lines away counts too, by 0.7 for each line.
- speaker: 1 where the query names who speaks in this line (`Ada: …`), 0 otherwise.
- neighbours: the cosines of the 2 lines before and the 2 after, each by 0.7 for each line away.
- question: the cosine of the line before, where that one asks: an answer rarely repeats it.
- time: where the query names the month that the memory is of, 1, and 1 more each for its day and
  its year. Where the query asks for a time (`When …?`), 1 if the memory says one. A memory is of
  the date that its metadata gives (`at`, `date`, `timestamp`, …); a line of a conversation, where
  that gives none, of the date when it was stored.

Speaker, neighbours, question and words of other lines are for memories of the type `conversation`;
all others stand alone. The weights were fitted to conversations; docs/local.md has the figures.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = [
    "COSINE_WINDOW",
    "FEATURES",
    "FEATURE_WEIGHTS",
    "NEIGHBOUR_DECAY",
    "WORD_WINDOW",
    "idf",
    "match_scores",
]

FEATURES = ("cosine", "words", "speaker", "neighbours", "question", "time")
"""What evidence is made of, in the order of the columns of a matrix of features."""

FEATURE_WEIGHTS = (1.0, 0.12, 0.5, 0.3, 0.5, 0.8)
"""How much each of `FEATURES` counts."""

NEIGHBOUR_DECAY = 0.7
"""What is left of a sign from another line, for each line that it is away."""

WORD_WINDOW = 4
"""Lines, before and after, whose words count."""

COSINE_WINDOW = 2
"""Lines, before and after, whose cosines count."""


def idf(document_frequency: int, memory_count: int) -> float:
    """Return what a word tells that `holding` of `total` memories hold: more, the rarer it is."""
    return math.log(1 + (memory_count - document_frequency + 0.5) / (document_frequency + 0.5))


def match_scores(
    scores: NDArray[np.float64], similarity: NDArray[np.floating], max_score: float
) -> NDArray[np.float64]:
    """Return how well memories fit, 0 to 1, in the order of their evidence.

    The mean of two views: what the evidence would be as a similarity, which divides related from
    unrelated, and its share of the most there could be, which tells good from better.

    Args:
        scores: weighted feature sums, one per memory.
        similarity: what the embedder's calibration makes of that evidence, as of a cosine.
        max_score: the evidence of a memory that says what the query says, word for word.
    """
    most = max(max_score, float(scores.max(initial=0.0)))
    return (similarity + np.clip(scores / most, 0.0, 1.0)) / 2
