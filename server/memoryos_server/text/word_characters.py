"""Word boundaries, also for scripts without spaces between words."""

from __future__ import annotations

import re
import unicodedata

__all__ = [
    "LETTER",
    "UNSPACED",
    "UNSPACED_LETTERS",
    "is_combining",
    "is_emoji",
    "is_joined",
    "is_mark",
    "is_word_character",
]

_EAST_ASIAN = r"\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af"
_SOUTH_EAST_ASIAN = (
    r"\u0e01-\u0e30\u0e40-\u0e46\u0e81-\u0eb0\u0ec0-\u0ec6\u1000-\u102a\u1780-\u17b3"
)

LETTER = rf"[^\W{_EAST_ASIAN}]"
"""Regular expression for a word character, except Chinese, Japanese and Korean ones."""

UNSPACED_LETTERS = rf"{_EAST_ASIAN}{_SOUTH_EAST_ASIAN}\uf900-\ufaff\U00020000-\U0003ffff"
"""The letters of scripts without spaces between words, as ranges of a regular expression.

These are Chinese, Japanese, Thai, Lao, Burmese and Khmer, and Korean, which attaches particles.
"""

UNSPACED = f"[{UNSPACED_LETTERS}]"
"""Regular expression for one of these letters."""

_JOINERS = frozenset("+#&\u200d")
_SKIN_TONES = frozenset(map(chr, range(0x1F3FB, 0x1F400)))
_unspaced = re.compile(UNSPACED).match


def is_emoji(character: str) -> bool:
    """Return whether the character is an emoji or a similar symbol."""
    return unicodedata.category(character) in ("So", "Sk") and not character.isascii()


def is_joined(character: str) -> bool:
    """Return whether a name that touches the character, or "", is part of another name.

    `fold` leaves joiners only within sequences of emoji.
    """
    return character in _JOINERS if character else False


def is_combining(character: str) -> bool:
    """Return whether Unicode calls the character a combining mark."""
    return unicodedata.category(character).startswith("M")


def is_mark(character: str) -> bool:
    """Return whether the character, or "", changes the one before it."""
    if not character or character.isascii():
        return False
    return is_combining(character) or character in _SKIN_TONES


def is_word_character(character: str) -> bool:
    """Return whether the character, or "", belongs to a word that spaces separate from others."""
    if not character:
        return False
    if not (character.isalnum() or character == "_" or is_mark(character)):
        return False
    return _unspaced(character) is None and character not in _SKIN_TONES
