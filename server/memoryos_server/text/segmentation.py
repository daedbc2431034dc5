"""Split texts at lines, sentences, words or, failing these, between characters."""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["Span", "split_sentences", "split_words"]

# Each alternative takes linear time also on long runs of the same character.
_SENTENCE_END = re.compile(
    r"[\n\r\v\f\x85\u2028\u2029]+"
    r"|(?<=[.!?…])[ \t\u00a0]+"
    r"|(?<=[.!?…][\"'”’»)\]])[ \t\u00a0]+"  # noqa: RUF001
    r"|(?<=[。！？｡．؟۔।॥])(?![。！？｡．؟۔।॥”’」』）】])[ \u3000]*"  # noqa: RUF001
    r"|(?<=[。！？][」』）】])[ \u3000]*"  # noqa: RUF001
)

_MIN_SENTENCE_LENGTH = 16
_ZERO_WIDTH_JOINER = "\u200d"
_VIRAMA_CLASS = 9  # Unicode combining class
_MAX_CHARACTER_LENGTH = 64  # code points


class Span(NamedTuple):
    """A part of a text, from `start` up to but not including `end`."""

    start: int
    end: int


def split_sentences(
    text: str, max_bytes: int, *, min_length: int = _MIN_SENTENCE_LENGTH
) -> list[Span]:
    """Split a text into lines and sentences, and long sentences between words.

    Short sentences stay together with the next one.

    Args:
        text: The text.
        max_bytes: Approximate maximum size of a part in UTF-8.
        min_length: Length from which a sentence is a part of its own.

    Returns:
        The parts in order, which cover the text; none for an empty text.
    """
    spans: list[Span] = []
    start = 0
    for end in (*(match.end() for match in _SENTENCE_END.finditer(text)), len(text)):
        if end - start >= min_length or start < end == len(text):
            spans.extend(_split_long(text, Span(start, end), max_bytes))
            start = end
    return spans


def split_words(text: str, span: Span, max_bytes: int) -> list[Span]:
    """Split a part of a text between words, and within words that are longer than `max_bytes`."""
    return list(_split_long(text, span, max_bytes))


def _split_long(text: str, span: Span, max_bytes: int) -> Iterator[Span]:
    start, end = span
    if start == end:
        return
    size = len(text[start:end].encode("utf-8", "replace"))
    step = max(1, (end - start) * max_bytes // size)
    while end - start > step:
        cut = _cut_before(text, start, start + step)
        yield Span(start, cut)
        start = cut
    if start < end:
        yield Span(start, end)


def _cut_before(text: str, start: int, latest: int) -> int:
    """Return where to end a part that begins at `start`: at `latest` or somewhat earlier.

    It is later only if a single user-perceived character would be divided otherwise.
    """
    earliest = start + (latest - start) // 2
    for cut in range(latest, earliest, -1):
        if text[cut - 1].isspace() and not text[cut].isspace():
            return cut
    backwards = range(latest, max(earliest, latest - _MAX_CHARACTER_LENGTH), -1)
    forwards = range(latest + 1, min(latest + _MAX_CHARACTER_LENGTH, len(text)))
    cuts = (cut for cut in (*backwards, *forwards) if _is_boundary(text, start, cut))
    return next(cuts, latest)


def _is_boundary(text: str, start: int, index: int) -> bool:
    """Return whether a user-perceived character ends at `index`, as in UAX #29 (simplified)."""
    before, after = text[index - 1], text[index]
    if before == _ZERO_WIDTH_JOINER or _extends(after) or (before, after) == ("\r", "\n"):
        return False
    if unicodedata.combining(before) == _VIRAMA_CLASS and after.isalpha():
        return False
    if _is_regional_indicator(before) and _is_regional_indicator(after):
        first = index
        while first > start and _is_regional_indicator(text[first - 1]):
            first -= 1
        return (index - first) % 2 == 0
    return True


def _extends(character: str) -> bool:
    """Return whether a character belongs to the one before it."""
    return (
        unicodedata.category(character).startswith("M")
        or character in "\u200c\u200d\uff9e\uff9f"
        or "\U0001f3fb" <= character <= "\U0001f3ff"  # skin tones
        or "\U000e0020" <= character <= "\U000e007f"  # tags of subdivision flags
        or "\u1160" <= character <= "\u11ff"  # vowels and final consonants of Hangul
    )


def _is_regional_indicator(character: str) -> bool:
    return "\U0001f1e6" <= character <= "\U0001f1ff"
