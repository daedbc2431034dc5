"""Full-text index in SQLite: an FTS5 table without contents, whose terms belong to one owner.

A term is a hash of an owner and a word. So a statement reads nothing about other owners' words, and
takes no longer for them.
"""

from __future__ import annotations

from hashlib import blake2b
from typing import TYPE_CHECKING
from zlib import crc32

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable, Sequence

    from memoryos_server.model.records import Memory
    from memoryos_server.stores.analyses import Analyses
    from memoryos_server.stores.words import Phrase

__all__ = [
    "OwnerTerms",
    "any_phrase",
    "checksum",
    "contains",
    "delete",
    "delete_of",
    "delete_stored",
    "has_deleted_words",
    "index",
    "insert",
    "note_deleted_words",
    "purge_deleted_words",
]

# The prefix keeps an owner's terms together.
_OWNER_BYTES = 5
_WORD_BYTES = 8
_NO_TERM = '""'
_AFTER_DIGITS = "g"


class OwnerTerms:
    """The terms of one owner.

    Args:
        owner: the owner.
    """

    def __init__(self, owner: str) -> None:
        self._key = owner.encode("utf-8", "surrogatepass") + b"\0"
        self._prefix = blake2b(self._key, digest_size=_OWNER_BYTES).hexdigest()

    def __call__(self, word: str) -> str:
        """Return the term of a word."""
        digest = blake2b(self._key + word.encode("utf-8"), digest_size=_WORD_BYTES)
        return self._prefix + digest.hexdigest()

    @property
    def limits(self) -> tuple[str, str]:
        """Limits between which all terms of the owner sort."""
        return self._prefix, self._prefix + _AFTER_DIGITS

    def phrase(self, words: Phrase) -> str:
        """Return a query for the words as a phrase."""
        return '"' + " ".join(map(self, words)) + '"'


def any_phrase(owner: str, phrases: Iterable[Phrase]) -> str:
    """Return a query for any of the phrases; without any, one that matches nothing."""
    return " OR ".join(map(OwnerTerms(owner).phrase, phrases)) or _NO_TERM


def contains(connection: sqlite3.Connection, number: int) -> bool:
    """Return whether a memory is in the index, by whatever words."""
    row = connection.execute("SELECT 1 FROM memory_words_docsize WHERE id = ?", (number,))
    return row.fetchone() is not None


def checksum(words: Sequence[str]) -> int:
    """Return a number, never 0, by which to recognize the words that a memory is indexed by."""
    return crc32("\0".join(words).encode()) or 1


def index(connection: sqlite3.Connection, number: int, owner: str, words: Sequence[str]) -> None:
    """Index a stored memory, which is not in the index, and store which words it has."""
    insert(connection, number, owner, words)
    connection.execute(
        "UPDATE memories SET word_count = ?, words_checksum = ? WHERE owner = ? AND number = ?",
        (len(words), checksum(words), owner, number),
    )


def insert(connection: sqlite3.Connection, number: int, owner: str, words: Sequence[str]) -> None:
    """Index a memory by its words, in their order."""
    connection.execute(
        "INSERT INTO memory_words (rowid, terms) VALUES (?, ?)", (number, _text(owner, words))
    )


def delete(connection: sqlite3.Connection, number: int, owner: str, words: Sequence[str]) -> None:
    """Remove a memory from the index; `words` are those that it was indexed by.

    Other words would damage the index, whose totals could become negative.
    """
    _delete_terms(connection, number, _text(owner, words))


def delete_of(
    connection: sqlite3.Connection, number: int, memory: Memory, analyses: Analyses
) -> None:
    """Remove a memory from the index, also if another program wrote its content."""
    (indexed,) = connection.execute(
        "SELECT words_checksum FROM memories WHERE owner = ? AND number = ?", (memory.owner, number)
    ).fetchone()
    if indexed == 0 and not contains(connection, number):
        return
    words = analyses.words(memory)
    if indexed == checksum(words):
        delete(connection, number, memory.owner, words)
    else:
        delete_stored(connection, number, memory.owner)
    note_deleted_words(connection)


def delete_stored(connection: sqlite3.Connection, number: int, owner: str) -> None:
    """Remove a memory from the index by the terms in the index.

    This reads all terms of the owner. It is for a memory whose words aren't known any more.
    """
    rows = connection.execute(
        "SELECT term FROM memory_word_positions "
        "WHERE term >= ? AND term < ? AND doc = ? ORDER BY offset",
        (*OwnerTerms(owner).limits, number),
    )
    terms = [term for (term,) in rows]
    if terms:
        _delete_terms(connection, number, " ".join(terms))


def note_deleted_words(connection: sqlite3.Connection) -> None:
    """Store that words of deleted contents are still in the index, until they are purged."""
    connection.execute("INSERT OR IGNORE INTO settings VALUES ('deleted_words', 1)")


def has_deleted_words(connection: sqlite3.Connection) -> bool:
    """Return whether words of deleted contents are still in the index."""
    row = connection.execute("SELECT 1 FROM settings WHERE name = 'deleted_words'").fetchone()
    return row is not None


def purge_deleted_words(connection: sqlite3.Connection) -> None:
    """Remove the words of deleted contents from the index.

    FTS5 only marks a deleted row, and keeps its words until it merges the parts of the index.
    The option `secure-delete` of FTS5 would make the file unreadable for SQLite before 3.42.
    """
    connection.execute("INSERT INTO memory_words (memory_words) VALUES ('optimize')")
    connection.execute("DELETE FROM settings WHERE name = 'deleted_words'")


def _delete_terms(connection: sqlite3.Connection, number: int, terms: str) -> None:
    connection.execute(
        "INSERT INTO memory_words (memory_words, rowid, terms) VALUES ('delete', ?, ?)",
        (number, terms),
    )


def _text(owner: str, words: Sequence[str]) -> str:
    term_of = OwnerTerms(owner)
    terms = {word: term_of(word) for word in set(words)}
    return " ".join([terms[word] for word in words])
