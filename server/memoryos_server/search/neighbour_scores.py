"""Neighbour scores: what the messages around each message add to its score.

The messages are in the order of their conversations, so that the previous message is also the
previous array element, and shifting an array accesses the neighbours of all messages at once.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

import numpy as np

from .features import COSINE_WINDOW, FEATURE_WEIGHTS, NEIGHBOUR_DECAY, WORD_WINDOW

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from numpy.typing import NDArray

    from .conversations import Messages

    Shift = Callable[[NDArray["Value"], NDArray[np.bool_]], NDArray["Value"]]
    Words = Sequence[tuple[float, NDArray[np.integer]]]

__all__ = ["neighbour_scores"]

_WORDS_PER_PASS = 8
_, _WORDS, _, _NEIGHBOURS, _QUESTION, _ = (np.float32(weight) for weight in FEATURE_WEIGHTS)

Value = TypeVar("Value", bound=np.generic)


def neighbour_scores(
    messages: Messages,
    words: Words,
    cosines: NDArray[np.float32],
    asks: NDArray[np.bool_],
) -> NDArray[np.float32]:
    """Return the amount to add to the score of each message.

    Args:
        messages: The messages.
        words: For each word of the query, its idf and the rows that contain it.
        cosines: Cosine of each row.
        asks: Whether each row is a question.
    """
    near = cosines[messages.rows]
    added: NDArray[np.float32] = _NEIGHBOURS * (
        _neighbour_cosines(near, messages.joined, _from_before)
        + _neighbour_cosines(near, messages.joined, _from_after)
    )
    added += _QUESTION * _from_before(near * asks[messages.rows], messages.joined)
    for start in range(0, len(words), _WORDS_PER_PASS):
        few = words[start : start + _WORDS_PER_PASS]
        added += _WORDS * _neighbour_word_scores(messages, few, len(cosines))
    return added


def _neighbour_cosines(
    cosines: NDArray[np.float32], joined: NDArray[np.bool_], shift: Shift[np.float32]
) -> NDArray[np.float32]:
    """Return the sum of the cosines in one direction, with decay by distance."""
    total = np.zeros_like(cosines)
    for _ in range(COSINE_WINDOW):
        total = np.float32(NEIGHBOUR_DECAY) * shift(cosines + total, joined)
    return total


def _neighbour_word_scores(messages: Messages, words: Words, rows: int) -> NDArray[np.float32]:
    """Return the score of words that neighbours contain but the message itself doesn't.

    Each word is one bit, so that one operation handles all of them.
    """
    word_bits = np.zeros(rows, np.uint8)
    for bit, (_, matches) in enumerate(words):
        word_bits[matches] |= np.uint8(1 << bit)
    nearest = word_bits[messages.rows]
    subset_weights = _subset_weights([weight for weight, _ in words])
    scores = np.zeros(len(nearest), np.float32)
    for distance, around in enumerate(_words_by_distance(nearest, messages.joined), start=1):
        farther = around & ~nearest
        scores += np.float32(NEIGHBOUR_DECAY**distance) * np.take(subset_weights, farther)
        nearest = nearest | farther
    return scores


def _words_by_distance(
    matches: NDArray[np.uint8], joined: NDArray[np.bool_]
) -> Iterator[NDArray[np.uint8]]:
    """Yield the words of the messages at the distances 1, 2, …, on either side."""
    before = after = matches
    for _ in range(WORD_WINDOW):
        before, after = _from_before(before, joined), _from_after(after, joined)
        yield before | after


def _subset_weights(weights: Sequence[float]) -> NDArray[np.float32]:
    """Return the total weight of each set of words, indexed by its bits."""
    subset_weights = np.zeros(1, np.float32)
    for weight in weights:
        subset_weights = np.concatenate([subset_weights, subset_weights + np.float32(weight)])
    return subset_weights


def _from_before(values: NDArray[Value], joined: NDArray[np.bool_]) -> NDArray[Value]:
    moved = np.zeros_like(values)
    np.multiply(values[:-1], joined, out=moved[1:])
    return moved


def _from_after(values: NDArray[Value], joined: NDArray[np.bool_]) -> NDArray[Value]:
    moved = np.zeros_like(values)
    np.multiply(values[1:], joined, out=moved[:-1])
    return moved
