"""Full-text index in SQLite: an FTS5 table without contents, whose terms belong to one owner.

A term is a hash of an owner and a word. So a statement reads nothing about other owners' words, and
takes no longer for them.
"""

from __future__ import annotations

from base64 import b32hexencode
from hashlib import blake2b
from typing import TYPE_CHECKING

from memoryos_server.stores.words import words_of

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable, Sequence

    from memoryos_server.stores.words import Phrase

__all__ = ["OwnerTerms", "any_phrase", "delete", "index_all", "insert"]

# Multiples of 5 bytes have no padding in base 32. The prefix keeps an owner's terms together.
_OWNER_BYTES = 5
_WORD_BYTES = 10
_NO_TERM = '""'


class OwnerTerms:
    """The terms of one owner.

    Args:
        owner: the owner.
    """

    def __init__(self, owner: str) -> None:
        self._key = owner.encode("utf-8", "surrogatepass") + b"\0"
        self._prefix = _base32(self._key, _OWNER_BYTES)

    def __call__(self, word: str) -> str:
        """Return the term of a word."""
        return self._prefix + _base32(self._key + word.encode("utf-8"), _WORD_BYTES)

    def phrase(self, words: Phrase) -> str:
        """Return a query for the words as a phrase."""
        return '"' + " ".join(map(self, words)) + '"'


def any_phrase(owner: str, phrases: Iterable[Phrase]) -> str:
    """Return a query for any of the phrases; without any, one that matches nothing."""
    return " OR ".join(map(OwnerTerms(owner).phrase, phrases)) or _NO_TERM


def index_all(connection: sqlite3.Connection) -> None:
    """Index the memories of a database that has an empty index."""
    rows = connection.execute("SELECT number, owner, content FROM memories")
    for number, owner, content in rows:
        insert(connection, number, owner, words_of(content))


def insert(connection: sqlite3.Connection, number: int, owner: str, words: Sequence[str]) -> None:
    """Index a memory by its words, in their order."""
    connection.execute("UPDATE memories SET word_count = ? WHERE number = ?", (len(words), number))
    connection.execute(
        "INSERT INTO memory_words (rowid, terms) VALUES (?, ?)", (number, _text(owner, words))
    )


def delete(connection: sqlite3.Connection, number: int, owner: str, words: Sequence[str]) -> None:
    """Remove a memory from the index; `words` are those that it was indexed by."""
    connection.execute(
        "INSERT INTO memory_words (memory_words, rowid, terms) VALUES ('delete', ?, ?)",
        (number, _text(owner, words)),
    )


def _text(owner: str, words: Sequence[str]) -> str:
    term_of = OwnerTerms(owner)
    terms = {word: term_of(word) for word in set(words)}
    return " ".join([terms[word] for word in words])


def _base32(data: bytes, size: int) -> str:
    # The tokenizer folds capitals.
    return b32hexencode(blake2b(data, digest_size=size).digest()).decode("ascii").lower()
