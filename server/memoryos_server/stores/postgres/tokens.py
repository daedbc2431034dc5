"""Tokenizer for full-text search.

SQLite's FTS5 tokenizes the texts, so both stores find the same: case, accents, stems and word
boundaries are the same.
"""

from __future__ import annotations

import atexit
import hashlib
import sqlite3
import threading

from memoryos_server.per_process import PerProcess

__all__ = ["TOKENIZER", "words_of"]

TOKENIZER = "porter unicode61 remove_diacritics 2"
"""The FTS5 tokenizer of both stores."""

# An index entry has at most 2704 bytes, so a longer word is replaced by a prefix and a hash.
_MAX_WORD_CHARACTERS = 256
_PREFIX_CHARACTERS = 64


class _Tokenizer:
    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._connection: sqlite3.Connection | None = None

    def words(self, text: str) -> list[str]:
        with self._lock:
            connection = self._connection = self._connection or _connect()
            connection.execute("BEGIN")
            try:
                connection.execute("INSERT INTO texts (rowid, text) VALUES (1, ?)", (text,))
                rows = connection.execute("SELECT term FROM words ORDER BY offset")
                return [_shorten(row[0]) for row in rows]
            finally:
                connection.execute("ROLLBACK")


_tokenizer = PerProcess(_Tokenizer)


def words_of(text: str) -> list[str]:
    """Return the normalized words of `text`, in their order."""
    return _tokenizer.get().words(text)


def _connect() -> sqlite3.Connection:
    connection = sqlite3.connect(":memory:", isolation_level=None, check_same_thread=False)
    atexit.register(connection.close)
    connection.execute(
        f"CREATE VIRTUAL TABLE texts USING fts5 (text, content = '', tokenize = '{TOKENIZER}')"
    )
    connection.execute("CREATE VIRTUAL TABLE words USING fts5vocab (texts, instance)")
    return connection


def _shorten(word: str) -> str:
    if len(word) <= _MAX_WORD_CHARACTERS:
        return word
    return f"{word[:_PREFIX_CHARACTERS]}{hashlib.sha256(word.encode()).hexdigest()}"
