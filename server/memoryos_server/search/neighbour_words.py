"""The words of a query in messages and in the messages around them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from .features import NEIGHBOUR_DECAY, WORD_WINDOW

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray

    Words = Sequence[tuple[float, NDArray[np.integer]]]

__all__ = ["neighbour_words"]

_WORDS_PER_PASS = 8


def neighbour_words(
    words: Words,
    messages: NDArray[np.intp],
    links: tuple[NDArray[np.int32], NDArray[np.int32]],
    size: int,
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Return two scores of each message.

    Args:
        words: For each word of the query, its weight and the rows that contain it.
        messages: The rows of the messages.
        links: The row before each row and the row after it, -1 for none, with one more row at the
            end, which has none.
        size: Number of rows.

    Returns:
        The sum of the weights of the words in each message and around it, with decay by distance;
        and that of the words in the previous message.
    """
    around = np.zeros(len(messages), np.float32)
    previous = np.zeros(len(messages), np.float32)
    for start in range(0, len(words), _WORDS_PER_PASS):
        few = words[start : start + _WORDS_PER_PASS]
        bits = _word_bits(few, size)
        subset_weights = _subset_weights(weight for weight, _ in few)
        around += _with_decay(bits, messages, links, subset_weights)
        previous += subset_weights[bits[links[0][messages]]]
    return around, previous


def _word_bits(words: Words, size: int) -> NDArray[np.uint8]:
    """Return which of the words each row contains: one bit each, so that one pass handles all."""
    bits = np.zeros(size + 1, np.uint8)
    for bit, (_, rows) in enumerate(words):
        bits[rows] |= np.uint8(1 << bit)
    return bits


def _with_decay(
    bits: NDArray[np.uint8],
    messages: NDArray[np.intp],
    links: tuple[NDArray[np.int32], NDArray[np.int32]],
    subset_weights: NDArray[np.float32],
) -> NDArray[np.float32]:
    nearest = bits[messages]
    scores = subset_weights[nearest]
    before = after = bits
    for distance in range(1, WORD_WINDOW + 1):
        before, after = before[links[0]], after[links[1]]
        farther = (before | after)[messages] & ~nearest
        scores += np.float32(NEIGHBOUR_DECAY**distance) * subset_weights[farther]
        nearest = nearest | farther
    return scores


def _subset_weights(weights: Iterable[float]) -> NDArray[np.float32]:
    """Return the total weight of each set of words, indexed by its bits."""
    subset_weights = np.zeros(1, np.float32)
    for weight in weights:
        subset_weights = np.concatenate([subset_weights, subset_weights + np.float32(weight)])
    return subset_weights
