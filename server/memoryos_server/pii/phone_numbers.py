"""Detection of telephone numbers in the formats of many countries.

A number is recognized by its format (`+`, an area code in brackets, a leading zero, North American
groups), or by a word such as `phone` before it.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from memoryos_server.text.scanning import scan
from memoryos_server.text.word_characters import LETTER

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["phone_numbers"]

# Every repetition is bounded, so that matching takes linear time. Patterns start with a character,
# which `re` searches for quickly, and look behind it afterwards.
_START = rf"(?<!{LETTER}.)(?<![.,+/-].)(?<!\d[ \u00a0].)"
_END = rf"(?!{LETTER}|[ \u00a0.,/-]\d)"
_DIGITS = r"(?:[ \u00a0()./-]{0,2}\d){7,14}(?!\d)"
_AREA = r"(?:\(\d{3}\) ?|\d{3}[-. ])"
_AREA_START = rf"(?<!{LETTER}.)(?<!\..)"
_FIRST_AREA = rf"(?:\({_AREA_START}\d{{3}}\) ?|\d{_AREA_START}\d{{2}}[-. ])"
_TRUNK = rf"(?:\({_START}0\d{{1,5}}\)|0{_START}\d{{1,5}})"
_BRACKET = rf"(?:8{_START} ?\(|\({_START})"
_FORMATS = tuple(
    re.compile(pattern)
    for pattern in (
        # +44 (0)20 7946 0018
        rf"\+(?<!{LETTER}.)(?<!\+.)[1-9]{_DIGITS}",
        # 0049 30 1234567
        rf"0{_START}0[1-9]\d{{0,2}}[ \u00a0./-]\d{_DIGITS}",
        # 415-555-0132, 1 (415) 555-0132
        rf"(?:1{_AREA_START}[-. ]{_AREA}|{_FIRST_AREA})\d{{3}}[-. ]\d{{4}}(?![\d-])",
        # 020 7946 0018, (030) 23125-012, 03-1234-5678
        rf"{_TRUNK}(?:[ \u00a0/-]{{1,3}}\d{{2,8}}){{1,5}}{_END}",
        # (11) 91234-5678, 8 (812) 123-45-67
        rf"{_BRACKET}[1-9]\d{{1,4}}\) ?\d{{2,5}}(?:[ \u00a0-]\d{{2,4}}){{1,3}}{_END}",
        # 01.99.00.12.34
        rf"0{_START}[1-9](?:\.\d\d){{4}}{_END}",
        # 138 0013 8000
        rf"1{_START}[3-9]\d[ -]\d{{4}}[ -]\d{{4}}{_END}",
    )
)
_NUMBER = re.compile(r"\d(?<!\d\d)(?:[ \u00a0./-]?\d){6,12}(?![\d:]|[ .,-]\d)")
_WORD_BEFORE = re.compile(
    r"(?:\b(?:phone|telephone|mobile|cell|cellphone|landline|fax|whatsapp|call|ring|dial|"
    r"tel|telefon|telefono|teléfono|telefone|téléphone|tél|telefoon|tlf|puh|soita|zadzwoń|komórka|"
    r"handy|handynummer|mobil|mobilnummer|natel|móvil|celular|cellulare|telemóvel|portable|gsm|"
    r"тел|телефон|звоните)\b|電話|携帯|电话|手机|전화)"
    r"[^\d\n]{0,20}\d\Z",
    re.IGNORECASE,
)
_WORD_BEFORE_CHARACTERS = 40
# A date, or a US social security number.
_OTHER_NUMBER = re.compile(
    r"\d{4}([-./])\d\d\1\d\d|\d\d([-./ ])\d\d\2(?:19|20)\d\d|\d{3}-\d\d-\d{4}$"
)
MIN_DIGITS, MAX_DIGITS = 9, 15
"""Number of digits of a telephone number."""

MIN_DIGITS_AFTER_WORD = 7
"""Minimum number of digits after a word such as `phone`."""


def phone_numbers(text: str) -> Iterator[tuple[int, int]]:
    """Yield the start and end of each telephone number in `text`."""
    for pattern in _FORMATS:
        for match in scan(pattern, text):
            if _is_number(match.group(), MIN_DIGITS):
                yield match.span()
    for match in scan(_NUMBER, text):
        start = match.start()
        before = max(0, start - _WORD_BEFORE_CHARACTERS)
        if _is_number(match.group(), MIN_DIGITS_AFTER_WORD) and _WORD_BEFORE.search(
            text, before, start + 1
        ):
            yield match.span()


def _is_number(candidate: str, min_digits: int) -> bool:
    digits = sum(map(str.isdigit, candidate))
    return min_digits <= digits <= MAX_DIGITS and not _OTHER_NUMBER.match(candidate)
