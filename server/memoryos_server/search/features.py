"""Ranking features of a search and their weights.

    score = cosine + 0.12 · words + 0.5 · speaker
          + 0.3 · neighbours + 0.5 · question + 0.8 · time

- cosine: cosine of the query's vector and the memory's.
- words: sum of the idf of the query's words that the memory contains. Among the owner's memories,
  idf = ln(1 + (memories without the word + ½) / (memories with it + ½)). In a conversation, words
  up to 4 messages away count too, multiplied by 0.7 per message of distance.
- speaker: 1 if the query contains the name of the message's speaker (`Ada: …`), otherwise 0.
- neighbours: cosines of the 2 messages before and after, multiplied by 0.7 per message of distance.
- question: cosine of the previous message if that is a question, because answers rarely repeat it.
- time: 1 if the query contains the month of the memory, and 1 more each for its day and year; 1 if
  the query asks for a time (`When …?`) and the memory mentions one. The date of a memory comes from
  its metadata (`at`, `date`, `timestamp`, …). Messages without one have the date of their creation.

Speaker, neighbours, question and words of other messages only apply to memories with the content
type `conversation`. The weights were fitted on conversations; docs/local.md has the results.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    # Not installed without an embedder; then only the weights and `idf` are used.
    import numpy as np
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
"""The features, in the order of the columns of a feature matrix."""

FEATURE_WEIGHTS = (1.0, 0.12, 0.5, 0.3, 0.5, 0.8)
"""Weight of each of `FEATURES`."""

NEIGHBOUR_DECAY = 0.7
"""Factor for features of neighbouring messages, per message of distance."""

WORD_WINDOW = 4
"""Number of messages before and after whose words count."""

COSINE_WINDOW = 2
"""Number of messages before and after whose cosines count."""


def idf(document_frequency: int, memory_count: int) -> float:
    """Return the inverse document frequency of a word."""
    return math.log(1 + (memory_count - document_frequency + 0.5) / (document_frequency + 0.5))


def match_scores(
    scores: NDArray[np.float64], similarity: NDArray[np.floating], max_score: float
) -> NDArray[np.float64]:
    """Return the match score of memories, 0 to 1, in the order of their feature scores.

    It is the mean of the calibrated score, which separates related from unrelated memories, and the
    share of the maximum score, which separates good from better matches.

    Args:
        scores: Weighted sum of the features of each memory.
        similarity: The scores after the embedder's calibration.
        max_score: Score of a memory that repeats the query word for word.
    """
    highest = max(max_score, float(scores.max(initial=0.0)))
    shares: NDArray[np.float64] = scores / highest
    matches: NDArray[np.float64] = (similarity + shares.clip(0.0, 1.0)) / 2
    return matches
