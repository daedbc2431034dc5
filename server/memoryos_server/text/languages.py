"""The language of a text: by its script, and by its function words."""

from __future__ import annotations

import re
from collections import defaultdict
from functools import cache
from typing import TYPE_CHECKING

from .function_words import LANGUAGES, function_words
from .words import words_in

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["language_of"]

_MAX_CHARACTERS = 2000
_MIN_SHARE_OF_SCRIPT = 0.3
# In this order: Japanese contains Chinese characters too.
_SCRIPTS = {
    "ja": re.compile("[\u3040-\u30ff]"),
    "zh": re.compile("[\u3400-\u9fff]"),
    "ko": re.compile("[\uac00-\ud7af]"),
    "th": re.compile("[\u0e00-\u0e7f]"),
    "hi": re.compile("[\u0900-\u097f]"),
    "ar": re.compile("[\u0600-\u06ff]"),
    "ru": re.compile("[\u0400-\u04ff]"),
    "el": re.compile("[\u0370-\u03ff]"),
    "he": re.compile("[\u0590-\u05ff]"),
}
_LETTER = re.compile(r"[^\W\d_]")
# Letters that one of the languages with function words uses and English does not.
_LETTERS = {
    "de": "äöüß",
    "es": "ñ¿¡áíóú",
    "fr": "çœàâèêëîïôùû",
    "it": "àèìòù",
    "pt": "ãõçâêôá",
    "sv": "åäö",
    "pl": "ąćęłńśźż",
    "tr": "ğışçöü",
}
_WEIGHT_OF_LETTER = 0.5


def language_of(text: str) -> str:
    """Return the language in which the beginning of a text is written, or "" if that is unclear.

    It tells languages apart that have a script of their own, of which the largest stands for all,
    and English, German, Spanish, French, Italian, Portuguese, Dutch, Swedish, Polish and Turkish.

    Returns:
        The ISO 639-1 code of the language.
    """
    start = text[:_MAX_CHARACTERS]
    return "" if not start else _by_script(start) or _by_words(start)


def _by_script(text: str) -> str:
    if text.isascii():
        return ""
    least = max(1, _MIN_SHARE_OF_SCRIPT * len(_LETTER.findall(text)))
    found = (language for language, one in _SCRIPTS.items() if len(one.findall(text)) >= least)
    return next(found, "")


def _by_words(text: str) -> str:
    scores: defaultdict[str, float] = defaultdict(float)
    for word in words_in(text):
        for language in _languages_by_word().get(word, ()):
            scores[language] += 1 / len(_languages_by_word()[word])
    if not text.isascii():
        lower = text.lower()
        for language, letters in _LETTERS.items():
            scores[language] += _WEIGHT_OF_LETTER * sum(map(lower.count, letters))
    best = sorted(scores.items(), key=lambda item: -item[1])[:2]
    if not best or (len(best) > 1 and best[0][1] == best[1][1]):
        return ""
    return best[0][0] if best[0][1] > 0 else ""


@cache
def _languages_by_word() -> Mapping[str, tuple[str, ...]]:
    words = {word for language in LANGUAGES for word in function_words(language)}
    return {
        word: tuple(language for language in LANGUAGES if word in function_words(language))
        for word in words
    }
