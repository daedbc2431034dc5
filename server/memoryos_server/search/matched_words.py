"""The words of a text that match a query, as they stand there, to explain a result."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from memoryos_server.text.segmentation import Span
from memoryos_server.text.word_characters import UNSPACED_LETTERS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .query_matches import QueryMatcher

__all__ = ["MAX_MATCHED_WORDS", "matched_words"]

MAX_MATCHED_WORDS = 64
"""Number of distinct words of a result."""

_MAX_WORD_LENGTH = 64

_PAIR = re.compile(f"[{UNSPACED_LETTERS}]{{1,2}}")
_WORD = re.compile(rf"[^\s{UNSPACED_LETTERS}]{{1,{_MAX_WORD_LENGTH}}}")
_EDGES = re.compile(r"^[\W_]+|(?:(?![+#])[\W_])+$")  # C++ and C# end with theirs


def matched_words(matcher: QueryMatcher, text: str) -> list[str]:
    """Return the distinct words of a text that match, in the order of their first occurrence.

    Words that differ only in case count once. In scripts without spaces, pairs of characters match;
    those that touch each other are returned as one.
    """
    found: dict[str, str] = {}
    for start, end in _spans(matcher, text):
        matching = text[start:end]
        word = _EDGES.sub("", matching) or matching
        found.setdefault(word.casefold(), word)
        if len(found) == MAX_MATCHED_WORDS:
            break
    return list(found.values())


def _spans(matcher: QueryMatcher, text: str) -> Iterator[Span]:
    """Yield where the text matches, with what overlaps or touches as one."""
    last: Span | None = None
    for offset in dict.fromkeys(match.offset for match in matcher.matches(text)):
        found = _PAIR.match(text, offset) or _WORD.match(text, offset)
        span = Span(*found.span()) if found else Span(offset, offset + 1)
        if last is not None and span.start > last.end:
            yield last
            last = None
        last = span if last is None else Span(last.start, max(last.end, span.end))
    if last is not None:
        yield last
