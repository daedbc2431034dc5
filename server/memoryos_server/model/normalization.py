"""Unicode normalization in linear time.

`unicodedata.normalize` sorts runs of combining marks with an insertion sort, so that a text of one
letter and 500,000 marks would take minutes. `normalize` sorts long runs first.
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache
from typing import Literal

__all__ = ["normalize", "remove_marks"]

_FIRST_MARK, _LAST_MARK = 0x300, 0x1E94A  # of those whose combining class isn't 0
_LETTERS_OF_MARKS = "\u0f73\u0f75\u0f81"
_HALF_WIDTH_MARKS = str.maketrans({"\uff9e": "\u3099", "\uff9f": "\u309a"})
_LONG_RUN = 32


def normalize(form: Literal["NFC", "NFD", "NFKC", "NFKD"], text: str) -> str:
    """Return `unicodedata.normalize(form, text)`, in time that grows linearly with the text."""
    if text.isascii():
        return text
    if form in ("NFKC", "NFKD"):
        text = text.translate(_HALF_WIDTH_MARKS)
    return unicodedata.normalize(form, _long_runs().sub(_sort_run, text))


def remove_marks(text: str) -> str:
    """Return a decomposed text without the characters whose combining class isn't 0."""
    return _marks().sub("", text)


def _sort_run(match: re.Match[str]) -> str:
    marks = "".join(unicodedata.normalize("NFD", character) for character in match[0])
    return "".join(sorted(marks, key=unicodedata.combining))


@cache
def _marks() -> re.Pattern[str]:
    """Return a pattern for one or more characters whose combining class isn't 0."""
    return re.compile(f"[{_mark_ranges()}]+")


@cache
def _long_runs() -> re.Pattern[str]:
    return re.compile(f"[{_mark_ranges()}{_LETTERS_OF_MARKS}]{{{_LONG_RUN},}}")


@cache
def _mark_ranges() -> str:
    ranges: list[list[int]] = []
    for code in range(_FIRST_MARK, _LAST_MARK + 1):
        if unicodedata.combining(chr(code)):
            if ranges and ranges[-1][1] == code - 1:
                ranges[-1][1] = code
            else:
                ranges.append([code, code])
    return "".join(f"{chr(first)}-{chr(last)}" for first, last in ranges)
