"""The recall gained by each ranking feature, and the recall of alternative searches."""

from __future__ import annotations

from contextlib import ExitStack
from typing import TYPE_CHECKING, Any
from unittest.mock import patch

import numpy as np

from memoryos_server.search import feature_scores, text_analysis
from memoryos_server.search.features import FEATURE_WEIGHTS, NEIGHBOUR_DECAY
from memoryos_server.text import query_words

from .features import features_of, first, ranked
from .recall import mean_recall

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from memoryos_server.embedders import Embedder

    from .features import Asked
    from .locomo import Conversation
    from .recall import Answered

__all__ = ["every_one_changed", "fused", "one_after_the_other", "with_weights"]

_Change = tuple[Any, str, Any]

_FUSION = 60


def one_after_the_other(
    alone: Sequence[Asked], together: Sequence[Asked]
) -> dict[str, list[float]]:
    """Return the recall as features are added one by one, up to the server's search.

    Args:
        alone: The features of separate memories.
        together: The features of memories as lines of conversations.
    """
    _, words, speaker, neighbours, question, time = FEATURE_WEIGHTS
    tried = {
        "the cosine alone": (alone, (1, 0, 0, 0, 0, 0)),
        "words alone": (alone, (0, 1, 0, 0, 0, 0)),
        "cosine + words": (alone, (1, words, 0, 0, 0, 0)),
        "… words of the lines around": (together, (1, words, 0, 0, 0, 0)),
        "… who speaks": (together, (1, words, speaker, 0, 0, 0)),
        "… cosines of the lines around": (together, (1, words, speaker, neighbours, 0, 0)),
        "… the question before": (together, (1, words, speaker, neighbours, question, 0)),
        "… times: what the server does": (
            together,
            (1, words, speaker, neighbours, question, time),
        ),
    }
    return {name: mean_recall(ranked(asked, weights)) for name, (asked, weights) in tried.items()}


def with_weights(together: Sequence[Asked]) -> dict[str, list[float]]:
    """Return the recall with each weight halved or doubled."""
    recalls = {}
    for place, name in enumerate(("words", "speaker", "neighbours", "question", "time"), start=1):
        for factor, label in ((0.5, "half"), (2.0, "twice")):
            weights = list(FEATURE_WEIGHTS)
            weights[place] *= factor
            recalls[f"{label} the weight of {name}"] = mean_recall(ranked(together, weights))
    return recalls


def fused(alone: Sequence[Asked]) -> list[Answered]:
    """Return the results of reciprocal rank fusion of cosine and words, with the constant 60."""
    return [first(item.question, _fusion(item)) for item in alone]


def every_one_changed(
    conversations: Sequence[Conversation], embedder: Embedder
) -> dict[str, list[float]]:
    """Return the recall with one part of the search changed at a time."""
    return {
        name: _recall_with(changes, conversations, embedder) for name, changes in _changes().items()
    }


def _changes() -> dict[str, list[_Change]]:
    return {
        "without stemming": [(text_analysis, "stem", str)],
        "stop words looked for as well": [(query_words, "function_words", lambda _: frozenset())],
        "words of 2 lines around, not of 4": _words_around(2, NEIGHBOUR_DECAY),
        "words of 8 lines around": _words_around(8, NEIGHBOUR_DECAY),
        "fading to 0.5 a line, not to 0.7": _words_around(4, 0.5) + _cosines_around(2, 0.5),
        "fading to 0.9 a line": _words_around(4, 0.9) + _cosines_around(2, 0.9),
        "cosines of 4 lines around, not of 2": _cosines_around(4, NEIGHBOUR_DECAY),
    }


def _words_around(reach: int, fading: float) -> list[_Change]:
    return [
        (feature_scores, "WORD_WINDOW", reach),
        (feature_scores, "_WORD_DECAY", _faded(reach, fading)),
    ]


def _cosines_around(reach: int, fading: float) -> list[_Change]:
    return [
        (feature_scores, "COSINE_WINDOW", reach),
        (feature_scores, "_COSINE_DECAY", _faded(reach, fading)),
    ]


def _faded(reach: int, fading: float) -> Any:
    return fading ** np.arange(1, reach + 1, dtype=np.float32)


def _recall_with(
    changes: Iterable[_Change], conversations: Sequence[Conversation], embedder: Embedder
) -> list[float]:
    with ExitStack() as stack:
        for module, name, value in changes:
            stack.enter_context(patch.object(module, name, value))
        asked = [item for one in conversations for item in features_of(one, embedder)]
    return mean_recall(ranked(asked, FEATURE_WEIGHTS))


def _fusion(item: Asked) -> Any:
    ranks = np.argsort(np.argsort(-item.features[:, :2], axis=0, kind="stable"), axis=0)
    return (1 / (_FUSION + 1 + ranks)).sum(axis=1)
