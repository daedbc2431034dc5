"""What a ranking has to beat: the cosine, BM25, BM25 of stems, and the fusion of two ranks.

They are written apart from the server's search, so that a mistake in one is not in the other.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import snowballstemmer

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from memoryos_server.embedders import Embedder

    from .sets import World

    Scores = NDArray[np.float64]

__all__ = ["BASELINES", "FUSION", "baseline_scores"]

BASELINES = ("cosine", "BM25", "BM25 + stems")
"""The rankings of which a search must not be worse than the best."""

FUSION = "rank fusion"
"""The reciprocal rank fusion of the cosine and BM25 + stems."""

_K1, _B = 1.2, 0.75
_FUSION_CONSTANT = 60

_UNSPACED = "\u3040-\u30ff\u3400-\u9fff"  # kana and Han
# `\w` has no combining marks: of those, the sets have Devanagari's.
_WORD = re.compile(rf"[{_UNSPACED}]+|(?:[^\W{_UNSPACED}]|[\u0900-\u0963])+")


def baseline_scores(world: World, embedder: Embedder) -> dict[str, Scores]:
    """Return, by baseline, the score of every document (column) for every query (row)."""
    documents = [document.text for document in world.documents]
    queries = [query.text for query in world.queries]
    cosines = np.array(embedder.embed(queries) @ embedder.embed(documents).T, np.float64)
    stemmed = _bm25(documents, queries, _stemmed_words(world.language))
    return {
        "cosine": cosines,
        "BM25": _bm25(documents, queries, _words),
        "BM25 + stems": stemmed,
        FUSION: _inverse_ranks(cosines) + _inverse_ranks(stemmed),
    }


class _Postings(NamedTuple):
    """The documents that contain a word, and how often."""

    rows: list[int]
    counts: list[int]


def _bm25(
    documents: Sequence[str], queries: Sequence[str], words: Callable[[str], list[str]]
) -> Scores:
    counted = [Counter(words(document)) for document in documents]
    postings: dict[str, _Postings] = defaultdict(lambda: _Postings([], []))
    for row, counts in enumerate(counted):
        for word, count in counts.items():
            postings[word].rows.append(row)
            postings[word].counts.append(count)
    lengths = np.array([counts.total() for counts in counted], np.float64)
    norms = _K1 * (1 - _B + _B * lengths / lengths.mean())
    scores = np.zeros((len(queries), len(documents)))
    for query, score in zip(queries, scores, strict=True):
        for word in set(words(query)) & postings.keys():
            rows, frequencies = map(np.array, postings[word])
            weight = np.log1p((len(documents) - len(rows) + 0.5) / (len(rows) + 0.5))
            score[rows] += weight * frequencies * (_K1 + 1) / (frequencies + norms[rows])
    return scores


def _words(text: str) -> list[str]:
    """Return the words of a text in lower case; of text without spaces, pairs of characters."""
    return [part for word in _WORD.findall(text.lower()) for part in _parts(word)]


def _parts(word: str) -> list[str]:
    if not re.match(rf"[{_UNSPACED}]", word) or len(word) == 1:
        return [word]
    return [word[place : place + 2] for place in range(len(word) - 1)]


def _stemmed_words(language: str) -> Callable[[str], list[str]]:
    if language not in snowballstemmer.algorithms():
        return _words
    stem = snowballstemmer.stemmer(language).stemWords
    return lambda text: list(stem(_words(text)))


def _inverse_ranks(scores: Scores) -> Scores:
    order = np.argsort(-scores, axis=1, kind="stable")
    ranks = np.argsort(order, axis=1, kind="stable")
    return 1 / (_FUSION_CONSTANT + 1 + ranks)
