"""What is derived from texts and stored beside them: computed again after a migration."""

# ruff: noqa: S608 - only constants of this package are put into the SQL, values are parameters

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from memoryos_server.stores.renewal import RENEWAL_BATCH_CHARACTERS, RENEWAL_BATCH_SIZE, TO_RENEW
from memoryos_server.stores.row_mapper import DamagedValueError, to_json
from memoryos_server.stores.schema_versions import Derived

from . import full_text, metadata_fields, tags_and_entities, vectors
from .memory_rows import MEMORY_ROWS
from .owners import count_by_owner

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterator, Sequence

    from memoryos_server.model.records import Memory
    from memoryos_server.stores.analyses import Analyses

__all__ = ["derive", "end_renewal", "is_outdated", "outdated", "renew"]

_BATCH_SIZE = 256
_UNREADABLE = -1


def derive(connection: sqlite3.Connection, parts: Derived) -> None:
    """Derive parts of the data of all owners again, in one pass over the memories.

    Args:
        connection: a connection in a transaction, to the tables of the current version.
        parts: what to derive.
    """
    if parts & Derived.WORDS:
        connection.execute("INSERT OR IGNORE INTO settings VALUES (?, 1)", (TO_RENEW,))
    for owner in count_by_owner(connection):
        if parts & Derived.TAG_KEYS:
            tags_and_entities.add_scope_keys(connection, owner)
        if parts & Derived.METADATA_FIELDS:
            for number, memory in _memories(connection, owner):
                metadata_fields.detach(connection, number, owner)
                metadata_fields.attach(connection, number, owner, memory.metadata)


def is_outdated(connection: sqlite3.Connection) -> bool:
    """Return whether an older program derived the words and search terms of some memories."""
    found = connection.execute("SELECT 1 FROM settings WHERE name = ?", (TO_RENEW,)).fetchone()
    return found is not None


def end_renewal(connection: sqlite3.Connection) -> None:
    """Store that all memories are renewed."""
    connection.execute("DELETE FROM settings WHERE name = ?", (TO_RENEW,))


def outdated(connection: sqlite3.Connection, owner: str) -> dict[int, Memory | None]:
    """Return some of the memories of an owner that `renew` has to renew.

    They come by number; None for one that is damaged.
    """
    found: dict[int, Memory | None] = {}
    remaining = RENEWAL_BATCH_CHARACTERS
    rows = connection.execute(
        f"SELECT {MEMORY_ROWS.column_list}, number FROM memories "
        "WHERE owner = ? AND words_checksum = 0 ORDER BY number LIMIT ?",
        (owner, RENEWAL_BATCH_SIZE),
    )
    for row in rows:
        found[row[-1]] = memory = _read(row)
        remaining -= 0 if memory is None else len(memory.content)
        if remaining <= 0:
            break
    rows.close()
    return found


def renew(
    connection: sqlite3.Connection, owner: str, numbers: Sequence[int], analyses: Analyses
) -> None:
    """Derive the words and search terms of those of these memories that are still outdated.

    Args:
        connection: a connection in a transaction that may write.
        owner: whose memories they are.
        numbers: the memories.
        analyses: knows the words and terms of most of them already.
    """
    rows = connection.execute(
        f"SELECT {MEMORY_ROWS.column_list}, number FROM memories "
        "WHERE owner = ? AND number IN (SELECT value FROM json_each(?)) AND words_checksum = 0",
        (owner, to_json(numbers)),
    )
    for row in rows.fetchall():
        number, memory = row[-1], _read(row)
        if memory is None:  # a read of it reports the damage
            connection.execute(
                "UPDATE memories SET words_checksum = ? WHERE owner = ? AND number = ?",
                (_UNREADABLE, owner, number),
            )
            continue
        full_text.delete_of(connection, number, memory, analyses)
        full_text.index(connection, number, owner, analyses.words(memory))
        vectors.replace_terms(connection, number, owner, analyses.terms(memory))


def _read(row: tuple[object, ...]) -> Memory | None:
    with suppress(DamagedValueError):
        return MEMORY_ROWS.from_row(row[:-1])
    return None


def _memories(connection: sqlite3.Connection, owner: str) -> Iterator[tuple[int, Memory]]:
    """Yield the memories of an owner by number; they may be changed meanwhile."""
    last = 0
    while rows := connection.execute(
        f"SELECT {MEMORY_ROWS.column_list}, number FROM memories "
        "WHERE owner = ? AND number > ? ORDER BY number LIMIT ?",
        (owner, last, _BATCH_SIZE),
    ).fetchall():
        yield from ((row[-1], MEMORY_ROWS.from_row(row[:-1])) for row in rows)
        last = rows[-1][-1]
