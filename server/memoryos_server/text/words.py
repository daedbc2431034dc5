"""The words of a text, in any script.

Words are runs of letters, digits and the marks on them, as in Unicode's UAX #29, except that every
apostrophe, full stop and `_` ends a word. Scripts without spaces between words (Chinese, Japanese,
Thai, Lao, Burmese, Khmer), and Korean, which attaches particles, are cut into overlapping pairs of
characters: any part of a text shares pairs with it.
"""

from __future__ import annotations

import re
from functools import cache
from itertools import pairwise
from typing import TYPE_CHECKING

from .folding import fold
from .scanning import scan
from .word_characters import UNSPACED, UNSPACED_LETTERS, is_combining

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

__all__ = ["grams_of", "is_unspaced", "pieces_and_others_in", "pieces_in", "words_in"]

MAX_FOLDED_CHARACTERS = 1_100_000
"""Length up to which a text is read, after folding.

Only texts of characters that fold into several reach it, such as `㌖`, which folds into six.
"""

_GRAM_LENGTH = 4
_EDGE = "_"  # no word contains it
_MARKS_FROM, _MARKS_BEFORE = 0x300, 0x1F000
# Vowels of Thai and Lao that are letters to Unicode, and belong to the letter before them.
_VOWEL_SIGNS = "\u0e32\u0e33\u0e45\u0eb2\u0eb3\u0ebd"
_EMOJI = "[\u2190-\u2bff\U0001f000-\U0001faff]"

# Names that are more than the letters in them: C++, F#, R&D.
_SIGNED_NAME = re.compile(r"\b[^\W_]{1,16}(?:\+\+|#(?!\w)|(?:&[^\W_]{1,16}){1,4})")
# E-mail and email, T-shirt and tshirt.
_HYPHENATED_NAME = re.compile(r"\b[^\W\d_]{1,3}-[^\W\d_]{2,16}\b(?!-)")
_SIGNS = frozenset("+#&-")
_INNER_CAPITAL = re.compile("[a-z][A-Z]")
_IDENTIFIER = re.compile(r"\b[A-Za-z]{0,64}[a-z][A-Z][A-Za-z]{1,64}\b")
_HUMP = re.compile(r"(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_MIN_HUMP_LENGTH = 2


def words_in(text: str) -> list[str]:
    """Return the words of a text in the form in which texts compare, in their order.

    Behind them follow words that consist of several: `c++`, `r&d`, `email` for `E-Mail`; and the
    parts of names such as `userName`.
    """
    folded = fold(text)[:MAX_FOLDED_CHARACTERS]
    words: list[str] = []
    for run in _runs(folded):
        words.extend(_pairs(_characters(run)) if is_unspaced(run) else (run,))
    return words + _compounds(text, folded)


def pieces_in(text: str) -> list[str]:
    """Return the smallest parts of a text that a name consists of, in their order.

    These are the words of `words_in`, but single characters, with their marks, in scripts without
    spaces between words; emoji are pieces as well. A text that mentions a name as whole words
    contains the pieces of the name one after the other.
    """
    return pieces_and_others_in(text)[0]


def pieces_and_others_in(text: str) -> tuple[list[str], list[str]]:
    """Return the pieces of a text, and the words of `words_in` that are no pieces."""
    folded = fold(text)[:MAX_FOLDED_CHARACTERS]
    pieces: list[str] = []
    others: list[str] = []
    for run in _runs(folded):
        if is_unspaced(run):
            characters = _characters(run)
            pieces.extend(characters)
            if len(characters) > 1:
                others.extend(_pairs(characters))
        else:
            pieces.append(run)
    return pieces, others + _compounds(text, folded)


def grams_of(word: str) -> tuple[str, ...]:
    """Return the distinct parts of a word by which inflected and compound words resemble it.

    Args:
        word: A word of `words_in`.

    Returns:
        Runs of four letters, `_` standing for both ends of the word; the characters of a pair.
    """
    if is_unspaced(word):
        return tuple(dict.fromkeys(_characters(word)))
    framed = f"{_EDGE}{word}{_EDGE}"
    last = max(len(framed) - _GRAM_LENGTH, 0)
    grams = (framed[start : start + _GRAM_LENGTH] for start in range(last + 1))
    return tuple(dict.fromkeys(grams))


def _runs(folded: str) -> Iterator[str]:
    return (match[0] for match in scan(_run(), folded))


def _pairs(characters: Sequence[str]) -> list[str]:
    return list(map("".join, pairwise(characters))) or list(characters)


def _characters(run: str) -> list[str]:
    """Return the characters of a run in a script without spaces, each with its marks."""
    return _character().findall(run)


def _compounds(text: str, folded: str) -> list[str]:
    found: list[str] = []
    if not _SIGNS.isdisjoint(folded):
        found.extend(match[0] for match in scan(_SIGNED_NAME, folded))
        found.extend(match[0].replace("-", "") for match in scan(_HYPHENATED_NAME, folded))
    if next(scan(_INNER_CAPITAL, text), None) is not None:
        for match in scan(_IDENTIFIER, text):
            parts = _HUMP.split(match[0])
            found.extend(part.lower() for part in parts if len(part) >= _MIN_HUMP_LENGTH)
    return found


def is_unspaced(word: str) -> bool:
    """Return whether a word is of a script without spaces between words."""
    return not word.isascii() and _unspaced(word) is not None


_unspaced = re.compile(UNSPACED).match


@cache
def _run() -> re.Pattern[str]:
    """Return what matches a word, a run in a script without spaces, or an emoji."""
    marks = _marks()
    letter = rf"[^\W_{UNSPACED_LETTERS}{_VOWEL_SIGNS}]"
    word = _repeated(letter, f"[{marks}]")
    unspaced = _repeated(f"[{UNSPACED_LETTERS}]", f"[{marks}{_VOWEL_SIGNS}]")
    return re.compile(f"{word}|{unspaced}|{_EMOJI}")


@cache
def _character() -> re.Pattern[str]:
    return re.compile(f"[{UNSPACED_LETTERS}][{_marks()}{_VOWEL_SIGNS}]*")


def _repeated(letter: str, mark: str) -> str:
    """Return what matches letters, with marks on any of them, up to `MAX_MATCH_CHARACTERS`."""
    return f"{letter}{{1,1000}}(?:{mark}{{1,4}}{letter}{{0,8}}){{0,80}}"


@cache
def _marks() -> str:
    """Return the characters that change the one before them."""
    characters = map(chr, range(_MARKS_FROM, _MARKS_BEFORE))
    return "".join(filter(is_combining, characters))
