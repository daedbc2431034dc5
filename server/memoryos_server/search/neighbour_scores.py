"""What the lines around say for a line, for all lines at once.

The lines lie in the order of their conversations, so that the line before each is its neighbour
in the array as well: to look there is to shift.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

import numpy as np

from .features import COSINE_REACH, FADING, WEIGHTS, WORD_REACH

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from numpy.typing import NDArray

    from .conversations import Lines

    Shift = Callable[[NDArray["Value"], NDArray[np.bool_]], NDArray["Value"]]
    Words = Sequence[tuple[float, NDArray[np.integer]]]

__all__ = ["surroundings"]

_BITS = 8
_, _WORDS, _, _NEIGHBOURS, _QUESTION, _ = (np.float32(weight) for weight in WEIGHTS)

Value = TypeVar("Value", bound=np.generic)


def surroundings(
    lines: Lines,
    words: Words,
    cosines: NDArray[np.float32],
    asks: NDArray[np.bool_],
) -> NDArray[np.float32]:
    """Return what is to be added to the evidence of each line by itself.

    Args:
        lines: which rows are lines, and which of them follow one another.
        words: of each word, what it tells, and which rows hold it.
        cosines: of each row.
        asks: whether each row asks.
    """
    near = cosines[lines.order]
    added: NDArray[np.float32] = _NEIGHBOURS * (
        _spread(near, lines.joined, _from_before) + _spread(near, lines.joined, _from_after)
    )
    added += _QUESTION * _from_before(near * asks[lines.order], lines.joined)
    for start in range(0, len(words), _BITS):
        few = words[start : start + _BITS]
        added += _WORDS * _told_around(lines, few, len(cosines))
    return added


def _spread(
    cosines: NDArray[np.float32], joined: NDArray[np.bool_], shift: Shift[np.float32]
) -> NDArray[np.float32]:
    """Return the sum of the cosines in one direction, fading with distance."""
    spread = np.zeros_like(cosines)
    for _ in range(COSINE_REACH):
        spread = np.float32(FADING) * shift(cosines + spread, joined)
    return spread


def _told_around(lines: Lines, words: Words, rows: int) -> NDArray[np.float32]:
    """Return what a few words tell that lines around hold, and the line itself does not.

    Each word is a bit, so that what is done is done for all of them in one go.
    """
    holding = np.zeros(rows, np.uint8)
    for bit, (_, held) in enumerate(words):
        holding[held] |= np.uint8(1 << bit)
    nearest = holding[lines.order]
    sums = _sums([telling for telling, _ in words])
    told = np.zeros(len(nearest), np.float32)
    for distance, around in enumerate(_widening(nearest, lines.joined), start=1):
        farther = around & ~nearest
        told += np.float32(FADING**distance) * np.take(sums, farther)
        nearest = nearest | farther
    return told


def _widening(held: NDArray[np.uint8], joined: NDArray[np.bool_]) -> Iterator[NDArray[np.uint8]]:
    """Yield what is held by the lines 1, 2, … away, on either side."""
    before = after = held
    for _ in range(WORD_REACH):
        before, after = _from_before(before, joined), _from_after(after, joined)
        yield before | after


def _sums(telling: Sequence[float]) -> NDArray[np.float32]:
    """Return what each set of words tells, by the number whose bits stand for them."""
    sums = np.zeros(1, np.float32)
    for told in telling:
        sums = np.concatenate([sums, sums + np.float32(told)])
    return sums


def _from_before(values: NDArray[Value], joined: NDArray[np.bool_]) -> NDArray[Value]:
    moved = np.zeros_like(values)
    np.multiply(values[:-1], joined, out=moved[1:])
    return moved


def _from_after(values: NDArray[Value], joined: NDArray[np.bool_]) -> NDArray[Value]:
    moved = np.zeros_like(values)
    np.multiply(values[1:], joined, out=moved[:-1])
    return moved
