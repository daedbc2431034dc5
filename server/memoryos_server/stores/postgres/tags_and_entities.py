"""Tags and entities in PostgreSQL."""

# ruff: noqa: S608 - only constants of this package are put into the SQL, values are parameters

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

from memoryos_server.model.metadata import entity_ids, tag_names
from memoryos_server.model.records import Entity, Tag
from memoryos_server.model.scope_tags import scope_key
from memoryos_server.stores.columns import ENTITY_COLUMNS, TAG_COLUMNS
from memoryos_server.stores.row_mapper import RowMapper
from memoryos_server.stores.tags_and_entities import (
    entity_key,
    read_entity_names,
    tag_id,
    tag_order,
)

from .column_types import CODECS
from .conditions import condition

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime
    from uuid import UUID

    from psycopg import Connection, Cursor

    from memoryos_server.model.records import EntitySelection, Memory, TagSelection

    from .statements import Statements

    Page = tuple[Cursor[tuple[Any, ...]], Cursor[tuple[Any, ...]]]

__all__ = [
    "attach",
    "create_tags",
    "delete_unused",
    "detach",
    "entity_names",
    "insert_entity",
    "read_entities",
    "read_tags",
    "select_entities",
    "select_tags",
]

T = TypeVar("T")

_TAG_ROWS = RowMapper(Tag, TAG_COLUMNS, CODECS)
_ENTITY_ROWS = RowMapper(Entity, ENTITY_COLUMNS, CODECS)

_TAGS = """
  SELECT id::text, name, color, description,
    (SELECT count(*) FROM memoryos.memory_tags AS tagged
     JOIN memoryos.memories
     ON memories.owner = tagged.owner AND memories.number = tagged.number
     WHERE tagged.owner = tags.owner AND tagged.tag_id = tags.id AND {memories}) AS memory_count,
    created_at, updated_at
  FROM memoryos.tags
"""
# The times are not those at which others used the tag.
_TAGS_IN_SCOPE = """
  SELECT id::text, name, color, description, memory_count,
    first_use AS created_at, first_use AS updated_at
  FROM memoryos.tags JOIN (
    SELECT tag_id, count(*) AS memory_count, min(memories.created_at) AS first_use
    FROM memoryos.memory_tags JOIN memoryos.memories
    ON memories.owner = memory_tags.owner AND memories.number = memory_tags.number
    WHERE {memories} GROUP BY tag_id
  ) AS used ON used.tag_id = tags.id
"""
_USED_TAG = """
  id IN (SELECT tag_id FROM memoryos.memory_tags JOIN memoryos.memories
    ON memories.owner = memory_tags.owner AND memories.number = memory_tags.number
    WHERE {memories})
"""
_USED_ENTITY = """
  key IN (SELECT entity FROM memoryos.memory_entities JOIN memoryos.memories
    ON memories.owner = memory_entities.owner AND memories.number = memory_entities.number
    WHERE {memories})
"""


def attach(connection: Connection[tuple[Any, ...]], number: int, memory: Memory) -> None:
    """Attach the tags and entities in a memory's metadata to it; create the tags that are new."""
    tags = {tag_id(memory.owner, name): name for name in tag_names(memory.metadata)}
    if tags:
        create_tags(connection, memory.owner, tags, memory.updated_at)
        connection.execute(
            "INSERT INTO memoryos.memory_tags (owner, number, tag_id) "
            "SELECT %s, %s, unnest(%s::uuid[])",
            (memory.owner, number, sorted(tags)),
        )
    entities = [entity_key(entity_id) for entity_id in entity_ids(memory.metadata)]
    if entities:
        connection.execute(
            "INSERT INTO memoryos.memory_entities (owner, number, entity) "
            "SELECT %s, %s, unnest(%s::uuid[])",
            (memory.owner, number, entities),
        )


def detach(
    connection: Connection[tuple[Any, ...]], owner: str, numbers: Sequence[int]
) -> list[UUID]:
    """Detach all tags and entities from memories; return the ids of the tags."""
    rows = connection.execute(
        "DELETE FROM memoryos.memory_tags WHERE owner = %s AND number = ANY(%s::bigint[]) "
        "RETURNING tag_id",
        (owner, numbers),
    )
    tags = {tag for (tag,) in rows}
    connection.execute(
        "DELETE FROM memoryos.memory_entities WHERE owner = %s AND number = ANY(%s::bigint[])",
        (owner, numbers),
    )
    return sorted(tags)


def delete_unused(
    connection: Connection[tuple[Any, ...]], owner: str, tags: Sequence[UUID], *, wait: bool
) -> None:
    """Delete those of the owner's tags that no memory has.

    The lock makes transactions wait that attach one of the tags. The second statement sees what
    others have committed before the lock.

    Args:
        connection: a connection in a transaction.
        owner: the owner.
        tags: the ids of the tags.
        wait: whether to wait for transactions that attach or delete one of the tags, so that of two
            transactions that delete the last memories with it, the later one deletes it. Two
            transactions that wait and attach tags themselves could deadlock.
    """
    if not tags:
        return
    rows = connection.execute(
        "SELECT id FROM memoryos.tags WHERE owner = %s AND id = ANY(%s::uuid[]) "
        f"ORDER BY id FOR UPDATE {'' if wait else 'SKIP LOCKED'}",
        (owner, tags),
    )
    connection.execute(
        "DELETE FROM memoryos.tags WHERE owner = %s AND id = ANY(%s::uuid[]) AND NOT EXISTS "
        "(SELECT 1 FROM memoryos.memory_tags AS tagged "
        "WHERE tagged.owner = tags.owner AND tagged.tag_id = tags.id)",
        (owner, [tag for (tag,) in rows]),
    )


def create_tags(
    connection: Connection[tuple[Any, ...]], owner: str, tags: dict[UUID, str], now: datetime
) -> None:
    """Create those of the tags, by id, that are new."""
    # All writers use the same order, so that two that create the same tags can't deadlock.
    ids = sorted(tags)
    names = [tags[one] for one in ids]
    connection.execute(
        "INSERT INTO memoryos.tags "
        "(id, owner, name, folded, created_at, updated_at, scope_key) "
        "SELECT new.id, %s, new.name, new.folded, %s, %s, new.scope_key "
        "FROM unnest(%s::uuid[], %s::text[], %s::text[], %s::text[]) "
        "AS new (id, name, folded, scope_key) ON CONFLICT (owner, id) DO NOTHING",
        (
            *(owner, now, now, ids, names),
            [name.casefold() for name in names],
            [scope_key(name) for name in names],
        ),
    )


def select_tags(
    connection: Connection[tuple[Any, ...]], selection: TagSelection, limit: int, offset: int
) -> Page:
    """Ask for one page of the selected tags, and their total number."""
    where, values = _condition(selection, _USED_TAG)
    counted_tags = _count(connection, "tags", where, values)
    counted, counted_values = condition(selection.memories)
    tags = _TAGS_IN_SCOPE if selection.memories.scope_tags else _TAGS
    rows = connection.execute(
        f"{tags.format(memories=counted)} WHERE {where} "
        f"ORDER BY {tag_order(selection)} LIMIT %s OFFSET %s",
        [*counted_values, *values, limit, offset],
    )
    return counted_tags, rows


def read_tags(page: Page) -> tuple[list[Tag], int]:
    """Return the answer to `select_tags`."""
    return _read(page, _TAG_ROWS)


def insert_entity(connection: Connection[tuple[Any, ...]], entity: Entity) -> None:
    """Store an entity."""
    connection.execute(
        f"INSERT INTO memoryos.entities ({_ENTITY_ROWS.column_list}, folded, key) "
        "VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s)",
        (*_ENTITY_ROWS.to_row(entity), entity.name.casefold(), entity_key(entity.id)),
    )


def entity_names(
    connection: Statements, owner: str, ids: Sequence[str]
) -> dict[str, tuple[str, ...]]:
    """Return the name and the aliases of the owner's entities among `ids`, by id."""
    rows = connection.execute(
        "SELECT id, name, aliases FROM memoryos.entities WHERE owner = %s AND id = ANY(%s::text[])",
        (owner, list(ids)),
    )
    return dict(map(read_entity_names, rows))


def select_entities(
    connection: Connection[tuple[Any, ...]], selection: EntitySelection, limit: int, offset: int
) -> Page:
    """Ask for one page of the selected entities, by name, and their total number."""
    where, values = _condition(selection, _USED_ENTITY)
    if selection.type is not None:
        where, values = f"{where} AND type = %s", [*values, selection.type]
    counted = _count(connection, "entities", where, values)
    rows = connection.execute(
        f"SELECT {_ENTITY_ROWS.column_list} FROM memoryos.entities "
        f"WHERE {where} ORDER BY folded, number LIMIT %s OFFSET %s",
        [*values, limit, offset],
    )
    return counted, rows


def read_entities(page: Page) -> tuple[list[Entity], int]:
    """Return the answer to `select_entities`."""
    return _read(page, _ENTITY_ROWS)


def _condition(selection: TagSelection | EntitySelection, used: str) -> tuple[str, list[Any]]:
    """Return the condition for the owner, the name and, within a scope, the use."""
    clauses, values = ["owner = %s"], [selection.memories.owner]
    if selection.search is not None:
        clauses.append("strpos(folded, %s) > 0")
        values.append(selection.search.casefold())
    if selection.memories.scope_tags:
        memories, more = condition(selection.memories)
        clauses.append(used.format(memories=memories))
        values += more
    return " AND ".join(clauses), values


def _count(
    connection: Connection[tuple[Any, ...]], table: str, where: str, values: list[Any]
) -> Cursor[tuple[Any, ...]]:
    return connection.execute(f"SELECT count(*) FROM memoryos.{table} WHERE {where}", values)


def _read(page: Page, mapper: RowMapper[T]) -> tuple[list[T], int]:
    counted, rows = page
    (total,) = counted.fetchone() or (0,)
    return [mapper.from_row(row) for row in rows], total
