"""Positions of a query's words in a text, also in scripts without spaces between words."""

from __future__ import annotations

import re
import unicodedata
from functools import cache
from itertools import islice
from typing import TYPE_CHECKING, NamedTuple

from .query_analysis import analyze_query
from .text_analysis import word_terms

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["QueryMatch", "QueryMatcher"]

_MAX_TOKEN_LENGTH = 64
_MIN_SUBSTRING_LENGTH = 4
_MAX_LITERALS = 64
_MAX_LITERAL_MATCHES = 2_000

_TOKEN = re.compile(r"\S+")
_WORD = re.compile(r"\w+")
_IDENTIFIER_BOUNDARY = re.compile(r"_+|(?<=[a-z0-9])(?=[A-Z])")
_UNSPACED = re.compile(
    "[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af"
    "\U00020000-\U0003ffff]+"
)


class QueryMatch(NamedTuple):
    """The offset in a text of a word of the query, and the word's number."""

    offset: int
    word: int


class QueryMatcher:
    """Finds the words of a query in texts, whatever their inflection, and within identifiers.

    In scripts without spaces between words, it finds pairs of characters; emoji and other symbols
    are words of their own.

    Args:
        query: The query.
    """

    def __init__(self, query: str) -> None:
        # Pairs of characters are literals: as words, they match where their whole run begins.
        words = [word for word in analyze_query(query).words if not _UNSPACED.match(word.text)]
        self._numbers = {word.term: number for number, word in enumerate(words)}
        self._texts = [word.text for word in words]
        self._literals = tuple(islice(dict.fromkeys(_literals(query)), _MAX_LITERALS))

    @property
    def word_count(self) -> int:
        """Number of words of the query that are searched."""
        return len(self._numbers) + len(self._literals)

    def matches(self, text: str) -> list[QueryMatch]:
        """Return the matches in `text`, by offset. It takes time linear in the text."""
        found = [*self._word_matches(text), *self._literal_matches(text)]
        return sorted(found)

    def _word_matches(self, text: str) -> Iterator[QueryMatch]:
        if not self._numbers:
            return
        numbers = cache(self._word_numbers)  # most words of a text occur often
        for token in _TOKEN.finditer(text):
            is_long = token.end() - token.start() > _MAX_TOKEN_LENGTH
            parts = _WORD.finditer(text, *token.span()) if is_long else (token,)
            for part in parts:
                if part.end() - part.start() > _MAX_TOKEN_LENGTH:
                    yield from self._substring_matches(part[0], part.start())
                    continue
                for number in numbers(part[0]):
                    yield QueryMatch(part.start(), number)

    def _substring_matches(self, run: str, start: int) -> Iterator[QueryMatch]:
        """Yield matches within a run of letters and digits that is too long for a word."""
        lower = run.lower()
        for number, word in enumerate(self._texts):
            if len(word) >= _MIN_SUBSTRING_LENGTH:
                for offset in islice(_offsets(lower, word), _MAX_LITERAL_MATCHES):
                    yield QueryMatch(start + offset, number)

    def _word_numbers(self, token: str) -> tuple[int, ...]:
        words = _IDENTIFIER_BOUNDARY.sub(" ", token)
        if words != token:  # as in `wifi_password` and `wifiPassword`
            token = f"{token} {words}"
        terms = sorted(word_terms(token))
        return tuple(self._numbers[term] for term in terms if term in self._numbers)

    def _literal_matches(self, text: str) -> Iterator[QueryMatch]:
        for number, literal in enumerate(self._literals, start=len(self._numbers)):
            for offset in islice(_offsets(text, literal), _MAX_LITERAL_MATCHES):
                yield QueryMatch(offset, number)


def _literals(query: str) -> Iterator[str]:
    """Yield the strings of a query that are searched as they are."""
    for run in _UNSPACED.findall(query):
        yield from (run[start : start + 2] for start in range(max(1, len(run) - 1)))
    for character in query:
        if not character.isascii() and unicodedata.category(character) in {"So", "Sm", "Sc"}:
            yield character


def _offsets(text: str, literal: str) -> Iterator[int]:
    offset = text.find(literal)
    while offset >= 0:
        yield offset
        offset = text.find(literal, offset + len(literal))
