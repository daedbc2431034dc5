"""Signs that the server does not look at: what each would add, its weight fitted like the others'.

Cross-validated, so that a sign which only suits these conversations does not look like a good one.
"""

from __future__ import annotations

import math
import re
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from memoryos_server.search.features import FEATURE_WEIGHTS
from memoryos_server.text.query_words import query_words
from memoryos_server.text.stemming import stem

from .features import Asked
from .fitting import left_out
from .recall import mean_recall

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from numpy.typing import NDArray

    from .locomo import Conversation

__all__ = ["with_further_signs"]

_WORD = re.compile(r"\w+")
_BEST_OF_A_SESSION = 3


class _Seen(NamedTuple):
    """What a sign may look at: the stems of each memory, its session, and the question."""

    stems: Sequence[Sequence[str]]
    sessions: NDArray[np.str_]
    question: Sequence[str]
    features: NDArray[np.float32]


def with_further_signs(
    conversations: Sequence[Conversation], together: Mapping[str, Sequence[Asked]]
) -> dict[str, list[float]]:
    """Return the cross-validated recall with one further sign each."""
    return {
        name: mean_recall(
            left_out({one.name: _extended(one, together[one.name], sign) for one in conversations})
        )
        for name, sign in _SIGNS.items()
    }


def _extended(
    conversation: Conversation,
    asked: Sequence[Asked],
    sign: Callable[[_Seen], NDArray[np.floating]],
) -> list[Asked]:
    stems = [_stems(arguments["content"]) for arguments in conversation.memories]
    sessions = np.array([arguments["metadata"]["session"] for arguments in conversation.memories])
    extended = []
    for item in asked:
        question = [stem(word) for word in query_words(item.question.text)]
        column = sign(_Seen(stems, sessions, question, item.features))
        features = np.column_stack([item.features, column]).astype(np.float32)
        extended.append(Asked(item.question, features))
    return extended


def _stems(text: str) -> list[str]:
    return [stem(word) for word in _WORD.findall(text.casefold())]


def _length(seen: _Seen) -> NDArray[np.floating]:
    return np.array([math.log1p(len(stems)) for stems in seen.stems])


def _said_again(seen: _Seen) -> NDArray[np.floating]:
    asked = set(seen.question)
    return np.array([sum(stems.count(word) > 1 for word in asked) for stems in seen.stems], float)


def _pairs(seen: _Seen) -> NDArray[np.floating]:
    asked = set(pairwise(seen.question))
    return np.array(
        [len(asked.intersection(pairwise(stems))) for stems in seen.stems],
        float,
    )


def _session(seen: _Seen) -> NDArray[np.floating]:
    evidence = seen.features @ np.array(FEATURE_WEIGHTS)
    best = {
        name: np.sort(evidence[seen.sessions == name])[-_BEST_OF_A_SESSION:].mean()
        for name in np.unique(seen.sessions).tolist()
    }
    return np.array([best[name] for name in seen.sessions.tolist()])


_SIGNS = {
    "how long the text is": _length,
    "words said more than once": _said_again,
    "pairs of words, as in the question": _pairs,
    "the best lines of the session": _session,
}
