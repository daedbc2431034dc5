"""A text as the words that a search finds it by: those that SQLite's full-text search makes of it.

SQLite itself takes the text apart, so that both stores find the same: accents, case, stems, and
what a word is at all.
"""

from __future__ import annotations

import atexit
import hashlib
import sqlite3
import threading

from memoryos_server.per_process import PerProcess

__all__ = ["TOKENIZER", "words_of"]

TOKENIZER = "porter unicode61 remove_diacritics 2"
"""What the store on SQLite takes texts apart with, and so this one."""

# An entry of an index has less than 2704 bytes; a word that is longer is known by its hash.
_LONGEST = 256
_KEPT = 64


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
                return [_bounded(row[0]) for row in rows]
            finally:
                connection.execute("ROLLBACK")


_tokenizer = PerProcess(_Tokenizer)


def words_of(text: str) -> list[str]:
    """Return the words of `text` in their order, in the form in which they are compared."""
    return _tokenizer.get().words(text)


def _connect() -> sqlite3.Connection:
    connection = sqlite3.connect(":memory:", isolation_level=None, check_same_thread=False)
    atexit.register(connection.close)
    connection.execute(
        f"CREATE VIRTUAL TABLE texts USING fts5 (text, content = '', tokenize = '{TOKENIZER}')"
    )
    connection.execute("CREATE VIRTUAL TABLE words USING fts5vocab (texts, instance)")
    return connection


def _bounded(word: str) -> str:
    if len(word) <= _LONGEST:
        return word
    return f"{word[:_KEPT]}{hashlib.sha256(word.encode()).hexdigest()}"
