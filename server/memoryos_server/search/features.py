"""Ranking features of a search, and the model that weighs them.

    evidence = sum of the features, each multiplied by its weight

The features are normalized per query, so that no kind of query or text dominates:

- cosine: by how many standard deviations the cosine of the memory's vector and the query's is above
  the mean of the owner's memories.
- words: share of the query's words that the memory contains, weighted by idf. Of a text of a few
  words only a part counts, because it contains a word by chance and says little about it. For a
  message, words up to 4 messages away count too, multiplied by 0.7 per message of distance.
- rarity: the same for a message, multiplied by how much the query's words tell in all.
- frequency: as `words`, but a word counts more that occurs often in a short text (BM25).
- surprise: the words, function words included, by how many standard deviations they exceed what a
  memory contains by chance.
- grams: the same for parts of words, which inflected and compound words share.
- time: 1 if the query asks for a time and the memory mentions one of this kind.
- date: 1 if the memory is from the month that the query names, and 1 more each for its day and
  year. The date of a memory comes from its metadata (`at`, `date`, `timestamp`, …). Messages
  without one have the date of their creation.
- speaker: 1 if the query contains the name of the message's speaker (`Ada: …`).
- neighbours: `cosine` of the 2 messages before and after, multiplied by 0.7 per message of
  distance.
- question: `cosine` of the previous message if that is a question: answers rarely repeat it.
- conversation: the highest `cosine` in the conversation.
- previous: share of the query's words in the previous message.

The weights depend on what is ranked (a memory, or a message: `content_type` is `conversation`) and
on what the embedder makes of the query's language; see `Reading`.
`ranking_model.json` has them; `benchmarks/retrieval/fit.py` fitted them on many kinds of memories.
"""

from __future__ import annotations

import json
import math
from functools import cache
from importlib.resources import files
from typing import Literal, NamedTuple

__all__ = [
    "COSINE_WINDOW",
    "FEATURES",
    "MAX_COSINE",
    "NEIGHBOUR_DECAY",
    "WORD_WINDOW",
    "Reading",
    "Weights",
    "idf",
    "weights",
]

FEATURES = (
    "cosine",
    "words",
    "rarity",
    "frequency",
    "surprise",
    "grams",
    "time",
    "date",
    "speaker",
    "neighbours",
    "question",
    "conversation",
    "previous",
)
"""The features, in the order of the columns of a feature matrix."""

MAX_COSINE = 8.0
"""Largest value of `cosine`; the smallest is 0."""

NEIGHBOUR_DECAY = 0.7
"""Factor for features of neighbouring messages, per message of distance."""

WORD_WINDOW = 4
"""Number of messages before and after whose words count."""

COSINE_WINDOW = 2
"""Number of messages before and after whose cosines count."""

Reading = Literal["known", "inflected", "related", "unknown"]
"""What an embedder makes of a language.

It knows it (`known`), also where words are compared without the stemmer of the language
(`inflected`: all but English); or it doesn't, but a language in the same script (`related`), or not
even that (`unknown`).
"""

_MODEL = "ranking_model.json"


class Weights(NamedTuple):
    """Weight of each of `FEATURES`, 0 or more.

    Attributes:
        memory: The weights for memories outside conversations.
        message: The weights for messages.
    """

    memory: tuple[float, ...]
    message: tuple[float, ...]


@cache
def weights(reading: Reading) -> Weights:
    """Return the weights for queries of which an embedder makes this."""
    model = json.loads(files(__package__).joinpath(_MODEL).read_text(encoding="utf-8"))
    kinds = model["weights"][reading]
    return Weights(
        *(tuple(kinds[kind].get(name, 0.0) for name in FEATURES) for kind in Weights._fields)
    )


def idf(document_frequency: float, memory_count: float) -> float:
    """Return the inverse document frequency of a word."""
    return math.log(1 + (memory_count - document_frequency + 0.5) / (document_frequency + 0.5))
