"""Terms: 32-bit hashes of the words and other signs by which memories are found.

Memories and queries are analyzed alike. What a term stands for is part of what is hashed, so that a
word never has the term of a date, a speaker or a part of a word.
"""

from __future__ import annotations

import sys
import zlib
from array import array
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    import numpy as np
    from numpy.typing import NDArray

__all__ = [
    "FREQUENCIES",
    "QUESTION_TERM",
    "TERM_BYTES",
    "date_term",
    "frequency_term",
    "gram_term",
    "packed",
    "speaker_term",
    "split_lengths",
    "time_term",
    "word_term",
]

TERM_BYTES = 4
"""Size of a stored term."""

FREQUENCIES = (2, 4)
"""How often a text must contain a word to have a `frequency_term` as well."""

_MAX_WORDS = 2**22


def word_term(stem: str) -> int:
    """Return the term of a word with this stem."""
    return zlib.crc32(stem.encode("utf-8", "surrogatepass"))


def frequency_term(stem: str, frequency: int) -> int:
    """Return the term of a text that contains a word so often or more, one of `FREQUENCIES`."""
    return word_term(f"{stem}*{frequency}")


def gram_term(gram: str) -> int:
    """Return the term of a part of a word."""
    return word_term(f"~{gram}")


def date_term(label: str) -> int:
    """Return the term of a date's month, day or year, such as `month 5`."""
    return word_term(f"@{label}")


def time_term(kind: str) -> int:
    """Return the term of a text that mentions a time of this kind."""
    return word_term(f"@when:{kind}")


def speaker_term(name: str) -> int:
    """Return the term of a message whose speaker's name contains this word."""
    return word_term(f"{name}:")


QUESTION_TERM = word_term("?")
"""Term of a message that ends with a question mark."""


def packed(terms: Iterable[int]) -> bytes:
    """Return terms as little-endian 32-bit numbers."""
    numbers = array("I", terms)
    if sys.byteorder == "big":
        numbers.byteswap()
    return numbers.tobytes()


def split_lengths(
    stored: NDArray[np.uint32], counts: NDArray[np.integer]
) -> tuple[NDArray[np.int32], NDArray[np.uint32]]:
    """Split stored terms into the number of words of each text and the terms of all texts.

    Args:
        stored: What `text_analysis.analyze_memory` stores of the texts, one after the other.
        counts: How many numbers that is for each; 0 for a text that was not analyzed.
    """
    import numpy as np

    starts = np.cumsum(counts) - counts
    analyzed = counts > 0
    lengths = np.zeros(len(counts), np.int32)
    found = stored[starts[analyzed]]
    # Older programs stored no number of words, so theirs is a term; no text has as many words.
    lengths[analyzed] = np.where(found < _MAX_WORDS, found, counts[analyzed])
    return lengths, np.delete(stored, starts[analyzed])
