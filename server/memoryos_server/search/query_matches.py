"""Positions of a query's words in a text, also in scripts without spaces between words."""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_right
from functools import cache
from itertools import islice
from typing import TYPE_CHECKING, NamedTuple

from memoryos_server.text.function_words import without_function_phrases
from memoryos_server.text.query_words import query_words
from memoryos_server.text.stemming import stem
from memoryos_server.text.words import is_unspaced, words_in

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["QueryMatch", "QueryMatcher"]

_MAX_TOKEN_LENGTH = 64
_MIN_SUBSTRING_LENGTH = 4
_MAX_LITERALS = 64
_MAX_LITERAL_MATCHES = 2_000

_TOKEN = re.compile(r"\S+")
_WORD = re.compile(r"\w+")
_UNSPACED = re.compile(
    "[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af"
    "\U00020000-\U0003ffff]+"
)
# Half-width katakana, Korean in parts of syllables, and kana with their marks apart.
_DECOMPOSED = re.compile(
    "[\uff66-\uff9f]{1,64}|[\u1100-\u11ff]{1,64}|[\u3046-\u30fd][\u3099\u309a]"
)
_SYMBOLS = frozenset({"So", "Sm", "Sc"})


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
        by_stem: dict[str, str] = {}
        for word in query_words(query):
            if not _is_literal(word):
                by_stem.setdefault(stem(word), word)
        self._numbers = {one: number for number, one in enumerate(by_stem)}
        self._texts = tuple(by_stem.values())
        self._literals = tuple(
            islice(dict.fromkeys(_literals(_composed(query).text)), _MAX_LITERALS)
        )

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
        stems = map(stem, words_in(token))
        return tuple(sorted({self._numbers[one] for one in stems if one in self._numbers}))

    def _literal_matches(self, text: str) -> Iterator[QueryMatch]:
        if not self._literals:
            return
        composed = _composed(text)
        for number, literal in enumerate(self._literals, start=len(self._numbers)):
            for offset in islice(_offsets(composed.text, literal), _MAX_LITERAL_MATCHES):
                yield QueryMatch(composed.original(offset), number)


class _Composed(NamedTuple):
    """A text with composed characters; where each changed part begins in it and in the original."""

    text: str
    starts: list[int]
    originals: list[int]

    def original(self, offset: int) -> int:
        """Return the offset in the original text; that of the start of a changed part."""
        part = bisect_right(self.starts, offset) - 1
        is_changed = part % 2 == 1
        return self.originals[part] + (0 if is_changed else offset - self.starts[part])


def _composed(text: str) -> _Composed:
    """Return a text with half-width katakana and decomposed characters as others write them."""
    parts: list[str] = []
    starts, originals = [0], [0]
    length = end = 0
    for match in _DECOMPOSED.finditer(text):
        changed = unicodedata.normalize("NFKC", match[0])
        parts += [text[end : match.start()], changed]
        length += match.start() - end
        starts += [length, length + len(changed)]
        originals += [match.start(), match.end()]
        length += len(changed)
        end = match.end()
    return _Composed("".join([*parts, text[end:]]) if parts else text, starts, originals)


def _is_literal(word: str) -> bool:
    return is_unspaced(word) or _is_symbol(word)


def _is_symbol(character: str) -> bool:
    return not character.isascii() and unicodedata.category(character[0]) in _SYMBOLS


def _literals(query: str) -> Iterator[str]:
    """Yield the strings of a query that are searched as they are."""
    for run in _UNSPACED.findall(without_function_phrases(query)) or _UNSPACED.findall(query):
        yield from (run[start : start + 2] for start in range(max(1, len(run) - 1)))
    yield from filter(_is_symbol, query)


def _offsets(text: str, literal: str) -> Iterator[int]:
    offset = text.find(literal)
    while offset >= 0:
        yield offset
        offset = text.find(literal, offset + len(literal))
