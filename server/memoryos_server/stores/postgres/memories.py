"""Memories in PostgreSQL. Each function runs within the caller's transaction."""

# ruff: noqa: S608 - only constants of this package are put into the SQL, values are parameters

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from memoryos_server.model.memory_expiry import EXPIRED_MEMORY_GRACE
from memoryos_server.model.records import RankingAttributes
from memoryos_server.model.scope_tags import matches
from memoryos_server.stores.analyses import ANALYZED_FIELDS
from memoryos_server.stores.columns import RANKING_COLUMNS
from memoryos_server.stores.limits import PURGE_BATCH_SIZE
from memoryos_server.stores.protocol import UnknownParentError
from memoryos_server.stores.row_mapper import RowMapper
from memoryos_server.stores.upserts import without_key

from . import metadata_fields, tags_and_entities, text_search, vectors
from .column_types import CODECS
from .conditions import condition
from .memory_rows import MEMORY_ROWS

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import datetime

    import numpy as np
    from numpy.typing import NDArray
    from psycopg import Connection, Cursor

    from memoryos_server.model.records import Access, Memory, Selection
    from memoryos_server.stores.analyses import Analyses

    from .statements import Statements

    Page = tuple[Cursor[tuple[Any, ...]], Cursor[tuple[Any, ...]]]

__all__ = [
    "add_vector",
    "by_number",
    "check_parent",
    "complete",
    "delete",
    "find",
    "insert",
    "newest_numbers",
    "purge_expired",
    "ranking_attributes",
    "read_newest_creation",
    "read_page",
    "record_accesses",
    "select_beyond",
    "select_newest_creation",
    "select_page",
    "update",
    "without_vectors",
]

_LIST = MEMORY_ROWS.column_list
_PLACEHOLDERS = ", ".join(["%s"] * len(MEMORY_ROWS.names))
_RANKING_ROWS = RowMapper(RankingAttributes, RANKING_COLUMNS, CODECS)
_UNEXPIRED = "(expires_at IS NULL OR expires_at > %s)"
_INDEXED = {"expires_at", *ANALYZED_FIELDS}
"""The columns whose values are also in the table of vectors, as such or as search terms."""


def insert(
    connection: Connection[tuple[Any, ...]], memory: Memory, words: Sequence[str], *, embedded: bool
) -> Cursor[tuple[Any, ...]]:
    """Ask to store a memory without what belongs to it, for its number.

    Args:
        connection: a connection in a transaction.
        memory: the memory.
        words: the words of its content.
        embedded: whether it will have a vector.
    """
    return connection.execute(
        f"INSERT INTO memoryos.memories ({_LIST}, word_count, embedded, analyzed) "
        f"VALUES ({_PLACEHOLDERS}, %s, %s, true) RETURNING number",
        (*MEMORY_ROWS.to_row(memory), len(words), embedded),
    )


def complete(
    connection: Connection[tuple[Any, ...]],
    inserted: Cursor[tuple[Any, ...]],
    memory: Memory,
    vector: NDArray[np.float32] | None,
    analyses: Analyses,
    *,
    is_indexed: bool,
) -> None:
    """Store the words, tags, references to entities and vector of a memory that `insert` stored.

    Args:
        connection: a connection in a transaction.
        inserted: the answer to `insert`.
        memory: the memory.
        vector: its vector, or None.
        analyses: its words and search terms.
        is_indexed: whether the HNSW index gets the vector; see `vector_index`.
    """
    (number,) = inserted.fetchone() or (0,)
    text_search.store(connection, memory.owner, number, analyses.words(memory))
    tags_and_entities.attach(connection, number, memory)
    metadata_fields.attach(connection, memory.owner, number, memory.metadata)
    if vector is not None:
        terms = analyses.terms(memory)
        vectors.put(connection, number, memory, vector, terms, is_indexed=is_indexed)


def select_newest_creation(
    connection: Connection[tuple[Any, ...]], owner: str
) -> Cursor[tuple[Any, ...]]:
    """Ask when the newest memory of an owner was created."""
    return connection.execute(
        "SELECT max(created_at) FROM memoryos.memories WHERE owner = %s", (owner,)
    )


def read_newest_creation(rows: Cursor[tuple[Any, ...]]) -> datetime | None:
    """Return the answer to `select_newest_creation`; None if there is no memory."""
    newest: datetime | None = (rows.fetchone() or (None,))[0]
    return newest


def find(connection: Statements, within: Selection, memory_id: str) -> Memory | None:
    """Return a memory with the owner and the tags of the selection, or None."""
    found = _find(connection, within, memory_id)
    return None if found is None else found[0]


def select_page(
    connection: Connection[tuple[Any, ...]], selection: Selection, limit: int, offset: int
) -> Page:
    """Ask for one page of the selected memories, newest first, and their total number."""
    where, values = condition(selection)
    counted = connection.execute(f"SELECT count(*) FROM memoryos.memories WHERE {where}", values)
    rows = connection.execute(
        f"SELECT {_LIST} FROM memoryos.memories WHERE {where} "
        "ORDER BY created_at DESC, number DESC LIMIT %s OFFSET %s",
        [*values, limit, offset],
    )
    return counted, rows


def read_page(page: Page) -> tuple[list[Memory], int]:
    """Return the answer to `select_page`."""
    counted, rows = page
    (total,) = counted.fetchone() or (0,)
    return [MEMORY_ROWS.from_row(row) for row in rows], total


def newest_numbers(connection: Statements, selection: Selection, count: int) -> list[int]:
    """Return the numbers of the newest selected memories."""
    where, values = condition(selection)
    rows = connection.execute(
        f"SELECT number FROM memoryos.memories WHERE {where} "
        "ORDER BY created_at DESC, number DESC LIMIT %s",
        [*values, count],
    )
    return [row[0] for row in rows]


def select_beyond(
    connection: Connection[tuple[Any, ...]], owner: str, count: int
) -> Cursor[tuple[Any, ...]]:
    """Ask for one row if an owner has more than `count` memories, without counting all of them."""
    return connection.execute(
        "SELECT 1 FROM memoryos.memories WHERE owner = %s LIMIT 1 OFFSET %s", (owner, count)
    )


def by_number(connection: Statements, owner: str, numbers: Sequence[int]) -> dict[int, Memory]:
    """Return memories by number."""
    rows = connection.execute(
        f"SELECT {_LIST}, number FROM memoryos.memories "
        "WHERE owner = %s AND number = ANY(%s::bigint[])",
        (owner, list(numbers)),
    )
    return {row[-1]: MEMORY_ROWS.from_row(row[:-1]) for row in rows}


def ranking_attributes(
    connection: Statements, owner: str, numbers: Sequence[int]
) -> dict[int, RankingAttributes]:
    """Return the ranking attributes of memories, by number."""
    rows = connection.execute(
        "SELECT id, tier, importance_score, coalesce(last_accessed_at, created_at), number "
        "FROM memoryos.memories WHERE owner = %s AND number = ANY(%s::bigint[])",
        (owner, list(numbers)),
    )
    return {row[-1]: _RANKING_ROWS.from_row(row[:-1]) for row in rows}


def update(
    connection: Connection[tuple[Any, ...]],
    within: Selection,
    memory_id: str,
    change: Callable[[Memory], Memory],
    vector: NDArray[np.float32] | None,
    analyses: Analyses,
) -> Memory | None:
    """Replace a memory of the selection with the result of `change`; return None if there is none.

    Raises:
        UnknownParentError: there is a new parent, which isn't one of `within`.
    """
    found = _find(connection, within, memory_id, "FOR UPDATE")
    if found is None:
        return None
    before, number = found
    after = change(before)
    if after.parent_memory_id != before.parent_memory_id:
        check_parent(connection, after, without_key(within))
    changed = MEMORY_ROWS.changed_columns(before, after)
    _set_columns(connection, after.owner, number, changed)
    if after.content != before.content:
        _update_content(connection, number, after, vector, analyses)
    elif _INDEXED.intersection(changed):
        _update_terms(connection, number, after, analyses)
    if "metadata" in changed:
        former_tags = tags_and_entities.detach(connection, after.owner, [number])
        tags_and_entities.attach(connection, number, after)
        tags_and_entities.delete_unused(connection, after.owner, former_tags, wait=False)
        metadata_fields.detach(connection, after.owner, number)
        metadata_fields.attach(connection, after.owner, number, after.metadata)
    return after


def delete(connection: Connection[tuple[Any, ...]], within: Selection, memory_id: str) -> bool:
    """Delete a memory of the selection and all that belongs to it. Return whether there was one."""
    found = _find(connection, within, memory_id, "FOR UPDATE")
    if found is not None:
        _delete(connection, within.owner, {found[1]: memory_id}, wait=True)
    return found is not None


def purge_expired(connection: Connection[tuple[Any, ...]], owner: str, now: datetime) -> bool:
    """Delete some of an owner's memories whose grace period after expiry is over.

    Skips memories that another transaction is deleting.

    Returns:
        Whether there may be more.
    """
    rows = connection.execute(
        "SELECT number, id FROM memoryos.memories WHERE owner = %s AND expires_at < %s "
        "ORDER BY expires_at LIMIT %s FOR UPDATE SKIP LOCKED",
        (owner, now - EXPIRED_MEMORY_GRACE, PURGE_BATCH_SIZE),
    )
    expired = dict(rows.fetchall())
    _delete(connection, owner, expired, wait=False)
    return len(expired) == PURGE_BATCH_SIZE


def record_accesses(
    connection: Connection[tuple[Any, ...]],
    owner: str,
    accesses: Mapping[str, Access],
    *,
    wait: bool,
) -> None:
    """Add to the access counts, and move the times of the last access forward.

    Raises:
        psycopg.errors.LockNotAvailable: another transaction is changing one of the memories, and
            `wait` is false.
    """
    ids = list(accesses)
    # All writers lock rows in the same order, so that they can't deadlock.
    connection.execute(
        "SELECT number FROM memoryos.memories WHERE owner = %s AND id = ANY(%s::text[]) "
        f"ORDER BY number FOR NO KEY UPDATE {'' if wait else 'NOWAIT'}",
        (owner, ids),
    )
    connection.execute(
        "UPDATE memoryos.memories SET access_count = access_count + read.count, "
        "last_accessed_at = greatest(coalesce(last_accessed_at, read.last_at), read.last_at) "
        "FROM unnest(%s::text[], %s::bigint[], %s::timestamptz[]) AS read (id, count, last_at) "
        "WHERE memories.owner = %s AND memories.id = read.id",
        (
            ids,
            [access.count for access in accesses.values()],
            [access.last_at for access in accesses.values()],
            owner,
        ),
    )


def without_vectors(connection: Statements, owner: str, count: int) -> list[Memory]:
    """Return memories of an owner without a vector."""
    rows = connection.execute(
        f"SELECT {_LIST} FROM memoryos.memories WHERE NOT embedded AND owner = %s LIMIT %s",
        (owner, count),
    )
    return [MEMORY_ROWS.from_row(row) for row in rows]


def add_vector(
    connection: Connection[tuple[Any, ...]],
    memory: Memory,
    vector: NDArray[np.float32],
    analyses: Analyses,
) -> None:
    """Store the vector of a memory, unless it has one or its content has changed."""
    row = connection.execute(
        "UPDATE memoryos.memories SET embedded = true "
        "WHERE owner = %s AND id = %s AND integrity_hash = %s AND NOT embedded RETURNING number",
        (memory.owner, memory.id, memory.integrity_hash),
    ).fetchone()
    if row is not None:
        vectors.put(connection, row[0], memory, vector, analyses.terms(memory))


def _find(
    connection: Statements, within: Selection, memory_id: str, lock: str = ""
) -> tuple[Memory, int] | None:
    """Return a memory with the owner and the tags of the selection, and its number, or None."""
    row = connection.execute(
        f"SELECT {_LIST}, number FROM memoryos.memories "
        f"WHERE id = %s AND owner = %s AND {_UNEXPIRED} {lock}",
        (memory_id, within.owner, within.now),
    ).fetchone()
    if row is None:
        return None
    memory = MEMORY_ROWS.from_row(row[:-1])
    is_within = matches(memory.metadata, within.tags, within.scope_tags)
    return (memory, row[-1]) if is_within else None


def _delete(
    connection: Connection[tuple[Any, ...]], owner: str, ids: Mapping[int, str], *, wait: bool
) -> None:
    """Delete memories of an owner, which are locked, by number and id."""
    if not ids:
        return
    numbers = list(ids)
    former_tags = tags_and_entities.detach(connection, owner, numbers)
    connection.execute(
        "UPDATE memoryos.memories SET parent_memory_id = NULL "
        "WHERE owner = %s AND parent_memory_id = ANY(%s::text[])",
        (owner, list(ids.values())),
    )
    connection.execute(
        "DELETE FROM memoryos.memories WHERE owner = %s AND number = ANY(%s::bigint[])",
        (owner, numbers),
    )
    tags_and_entities.delete_unused(connection, owner, former_tags, wait=wait)


def check_parent(
    connection: Connection[tuple[Any, ...]], memory: Memory, within: Selection
) -> None:
    """Check the parent of a memory, if it has one, and lock it until the end of the transaction.

    Raises:
        UnknownParentError: the parent isn't one of `within`.
    """
    parent = memory.parent_memory_id
    if parent is None:
        return
    if _find(connection, within, parent, "FOR KEY SHARE") is None:
        raise UnknownParentError(parent)


def _set_columns(
    connection: Connection[tuple[Any, ...]], owner: str, number: int, columns: Mapping[str, Any]
) -> None:
    if columns:
        assignments = ", ".join(f"{column} = %s" for column in columns)
        connection.execute(
            f"UPDATE memoryos.memories SET {assignments} WHERE owner = %s AND number = %s",
            [*columns.values(), owner, number],
        )


def _update_content(
    connection: Connection[tuple[Any, ...]],
    number: int,
    memory: Memory,
    vector: NDArray[np.float32] | None,
    analyses: Analyses,
) -> None:
    words = analyses.words(memory)
    text_search.delete(connection, memory.owner, number)
    text_search.store(connection, memory.owner, number, words)
    was_embedded = _is_embedded(connection, memory.owner, number)
    derived = {"word_count": len(words), "embedded": vector is not None, "analyzed": True}
    _set_columns(connection, memory.owner, number, derived)
    if vector is not None:
        vectors.put(connection, number, memory, vector, analyses.terms(memory))
    elif was_embedded:
        vectors.delete(connection, memory.owner, number)


def _update_terms(
    connection: Connection[tuple[Any, ...]], number: int, memory: Memory, analyses: Analyses
) -> None:
    if _is_embedded(connection, memory.owner, number):
        vectors.put_terms(connection, number, memory, analyses.terms(memory))


def _is_embedded(connection: Connection[tuple[Any, ...]], owner: str, number: int) -> bool:
    row = connection.execute(
        "SELECT embedded FROM memoryos.memories WHERE owner = %s AND number = %s", (owner, number)
    ).fetchone()
    return row == (True,)
