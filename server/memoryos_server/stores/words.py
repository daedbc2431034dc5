"""The words by which the stores find texts.

Texts are folded (see `text.folding.fold`), and SQLite's FTS5 tokenizes them, so both stores
find the same: case, accents, apostrophes, stems and word boundaries are the same. Characters of
scripts without spaces, such as Chinese or Thai, and emoji are words of their own, so that a phrase
finds a name within a sentence.
"""

from __future__ import annotations

import atexit
import hashlib
import re
import sqlite3
from collections import deque
from contextlib import contextmanager
from typing import TYPE_CHECKING

from memoryos_server.per_process import PerProcess
from memoryos_server.text.folding import fold
from memoryos_server.text.word_characters import UNSPACED_LETTERS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

__all__ = [
    "MAX_INDEXED_CHARACTERS",
    "MAX_NAME_WORDS_PER_SEARCH",
    "MAX_PHRASE_WORDS",
    "TOKENIZER",
    "Phrase",
    "limit_names",
    "phrase_of",
    "phrases_of",
    "words_of",
]

Phrase = tuple[str, ...]
"""Words that follow each other."""

TOKENIZER = "porter unicode61 remove_diacritics 2"
"""The FTS5 tokenizer."""

MAX_PHRASE_WORDS = 8
"""Number of words of a phrase that a store looks for, to bound the positions that it compares."""

MAX_NAME_WORDS_PER_SEARCH = 512
"""Number of words of the names of all entities of a search; see `limit_names`."""

MAX_INDEXED_CHARACTERS = 1_600_000
"""Length up to which a text is indexed, after folding and with spaces around single characters.

Only texts of characters that fold into several reach it, such as `㌖`, which folds into six, and
texts of 200,000 emoji.
"""

# An index entry has at most 2704 bytes, so a longer word is replaced by a prefix and a hash.
_MAX_WORD_CHARACTERS = 256
_PREFIX_CHARACTERS = 64

_UNSPACED_RUN = re.compile(f"[{UNSPACED_LETTERS}]+")
_EMOJI = re.compile("[\u2190-\u2bff\U0001f000-\U0001faff]")
_EMOJI_WORD = " \ue000{:x} "  # the tokenizer takes private characters for letters


class _Tokenizer:
    """A pool of databases in memory, of which each tokenizes one text at a time."""

    def __init__(self) -> None:
        self._unused: deque[sqlite3.Connection] = deque()

    def words(self, text: str) -> list[str]:
        with self._connection() as connection:
            connection.execute("BEGIN")
            try:
                connection.execute("INSERT INTO texts (rowid, text) VALUES (1, ?)", (text,))
                rows = connection.execute("SELECT term FROM words ORDER BY offset")
                return [_shorten(row[0]) for row in rows]
            finally:
                connection.execute("ROLLBACK")

    @contextmanager
    def _connection(self) -> Iterator[sqlite3.Connection]:
        try:
            connection = self._unused.pop()
        except IndexError:
            connection = _connect()
        yield connection
        self._unused.append(connection)


_tokenizer = PerProcess(_Tokenizer)


def words_of(text: str) -> list[str]:
    """Return the normalized words of `text`, in their order."""
    return _tokenizer.get().words(_separate(fold(text))[:MAX_INDEXED_CHARACTERS])


def phrase_of(text: str) -> Phrase:
    """Return the first words of `text`, at most `MAX_PHRASE_WORDS`."""
    return tuple(words_of(text)[:MAX_PHRASE_WORDS])


def phrases_of(texts: Iterable[str]) -> list[Phrase]:
    """Return the distinct phrases of `texts`, without empty ones."""
    return [phrase for phrase in dict.fromkeys(map(phrase_of, texts)) if phrase]


def limit_names(names: Iterable[str], *, entity_count: int) -> tuple[str, ...]:
    """Return the first names of an entity, as many as one search looks for.

    Args:
        names: The name and the aliases of the entity.
        entity_count: Number of entities in the search, which share the words evenly.
    """
    remaining = max(MAX_NAME_WORDS_PER_SEARCH // entity_count, MAX_PHRASE_WORDS)
    limited: list[str] = []
    for name in names:
        remaining -= max(len(phrase_of(name)), 1)
        if remaining < 0:
            break
        limited.append(name)
    return tuple(limited)


def _separate(text: str) -> str:
    """Put spaces around the characters that are words of their own."""
    if text.isascii():
        return text
    text = _EMOJI.sub(lambda match: _EMOJI_WORD.format(ord(match[0])), text)
    return _UNSPACED_RUN.sub(lambda run: f" {' '.join(run[0])} ", text)


def _connect() -> sqlite3.Connection:
    connection = sqlite3.connect(":memory:", isolation_level=None, check_same_thread=False)
    # FTS5 cuts words of more than 32 KiB, also within a character.
    connection.text_factory = lambda word: word.decode("utf-8", "ignore")
    atexit.register(connection.close)
    connection.execute(
        f"CREATE VIRTUAL TABLE texts USING fts5 "
        f"(text, content = '', columnsize = 0, tokenize = '{TOKENIZER}')"
    )
    connection.execute("CREATE VIRTUAL TABLE words USING fts5vocab (texts, instance)")
    return connection


def _shorten(word: str) -> str:
    if len(word) <= _MAX_WORD_CHARACTERS:
        return word
    return f"{word[:_PREFIX_CHARACTERS]}{hashlib.sha256(word.encode()).hexdigest()}"
