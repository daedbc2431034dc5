"""The folded text in which names and words compare."""

from __future__ import annotations

import re
import unicodedata

from memoryos_server.model.normalization import normalize

__all__ = ["fold"]

_APOSTROPHES = (
    "\u2018\u2019\u201b\u02b9\u02bb\u02bc\u02bd\u02be\u02bf\u02c8\u2032\u055a\u05f3\u00b4\u0060"
    "\uff07\ua78c"
)
_DASHES = (
    "\u2010\u2011\u2012\u2013\u2014\u2015\u2043\u2212\u2e3a\u2e3b\u058a\u05be\u1806\ufe58\ufe63"
    "\uff0d"
)
_QUOTATION_MARKS = "\u201c\u201d\u201e\u201f\u2033\u05f4\uff02"
_TRADEMARKS = "\u2122\u2120"  # NFKD turns them into letters
_REPLACED = str.maketrans(
    {
        **dict.fromkeys(_APOSTROPHES, "'"),
        **dict.fromkeys(_DASHES, "-"),
        **dict.fromkeys(_QUOTATION_MARKS, '"'),
        **dict.fromkeys(_TRADEMARKS, "\u00ae"),
        "\ufdfa": "\ufdf5",  # a ligature of 18 letters, and its abbreviation
        "\u266f": "#",  # the sharp sign in the names of musical keys and of C♯
        "\u0640": None,  # the Arabic tatweel, which makes words longer
        "\u0131": "i",  # the Turkish dotless i, whose capital is the I of other languages
    }
)
# Marks that texts in the same language contain or omit: accents, Hebrew and Arabic vowel points.
# Those of other scripts, such as the vowel signs of Hindi, distinguish words.
_OPTIONAL_MARKS = re.compile(
    "[\u0300-\u036f\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20dc\u20e1\u20e5-\u20f0\ufe20-\ufe2f"
    "\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7"
    "\u0610-\u061a\u064b-\u065f\u0670\u06d6-\u06dc\u06df-\u06e4\u06e7\u06e8\u06ea-\u06ed]+"
)
_VARIATION_SELECTORS = re.compile("[\ufe00-\ufe0f]+")
# The category Cf: characters without a width.
_FORMAT_CHARACTERS = re.compile(
    "[\u00ad\u0600-\u0605\u061c\u06dd\u070f\u0890\u0891\u08e2\u180e\u200b-\u200f\u202a-\u202e"
    "\u2060-\u206f\ufeff\ufff9-\ufffb\U000110bd\U000110cd\U00013430-\U0001343f"
    "\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0001\U000e0020-\U000e007f]+"
)
_ZERO_WIDTH_JOINER = "\u200d"


def fold(text: str) -> str:
    """Return the form in which the names in two texts compare.

    It ignores case, accents, compatibility forms, the kinds of apostrophes, quotation marks and
    dashes, characters without a width, and the amount of white space. The marks of scripts such as
    Devanagari stay.
    """
    if not text.isascii():
        visible = _remove_format_characters(text.translate(_REPLACED))
        decomposed = normalize("NFKD", visible).casefold()
        text = normalize("NFC", _OPTIONAL_MARKS.sub("", decomposed))
    else:
        text = text.replace("`", "'").casefold()
    return " ".join(text.split())


def _remove_format_characters(text: str) -> str:
    """Remove the characters of the category Cf, except joiners between symbols such as emoji."""
    text = _VARIATION_SELECTORS.sub("", text)
    return _FORMAT_CHARACTERS.sub(_remove_unless_joiner, text)


def _remove_unless_joiner(match: re.Match[str]) -> str:
    if _ZERO_WIDTH_JOINER not in match[0] or match.start() == 0:
        return ""
    before = match.string[match.start() - 1]
    return _ZERO_WIDTH_JOINER if unicodedata.category(before) in ("So", "Sk") else ""
