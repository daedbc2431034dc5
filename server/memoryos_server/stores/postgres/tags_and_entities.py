"""Tags and entities in PostgreSQL."""

# ruff: noqa: S608 - only constants of this package are put into the SQL, values are parameters

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import NAMESPACE_OID, UUID, uuid5

from memoryos_server.model.metadata import entity_ids, tag_names
from memoryos_server.model.records import Entity, Tag
from memoryos_server.stores.columns import ENTITY_COLUMNS, TAG_COLUMNS
from memoryos_server.stores.row_mapper import RowMapper
from memoryos_server.stores.tags_and_entities import read_entity_names, tag_id, tag_order

from .column_types import CODECS

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from psycopg import Connection

    from memoryos_server.model.records import EntitySelection, Memory, TagSelection

__all__ = [
    "attach",
    "detach",
    "entity_key",
    "entity_names",
    "insert_entity",
    "list_entities",
    "list_tags",
]

_TAG_ROWS = RowMapper(Tag, TAG_COLUMNS, CODECS)
_ENTITY_ROWS = RowMapper(Entity, ENTITY_COLUMNS, CODECS)

_TAGS = """
  SELECT id::text, name, color, description,
    (SELECT count(*) FROM memoryos.memory_tags AS tagged
     JOIN memoryos.memories ON memories.number = tagged.number
     WHERE tagged.tag_id = tags.id
     AND (memories.expires_at IS NULL OR memories.expires_at > %s)) AS memory_count,
    created_at, updated_at
  FROM memoryos.tags
"""


def entity_key(entity_id: str) -> UUID:
    """Return the key by which references to an entity are indexed; an id can be of any length."""
    return uuid5(NAMESPACE_OID, entity_id)


def attach(
    connection: Connection[tuple[Any, ...]], number: int, memory: Memory, now: datetime
) -> None:
    """Attach the tags and entities in a memory's metadata to it; create the tags that are new."""
    tags = {tag_id(memory.owner, name): name for name in tag_names(memory.metadata)}
    if tags:
        _create_tags(connection, memory.owner, tags, now)
        connection.execute(
            "INSERT INTO memoryos.memory_tags SELECT %s, unnest(%s::uuid[])", (number, [*tags])
        )
    entities = [entity_key(entity_id) for entity_id in entity_ids(memory.metadata)]
    if entities:
        connection.execute(
            "INSERT INTO memoryos.memory_entities SELECT %s, unnest(%s::uuid[])",
            (number, entities),
        )


def detach(connection: Connection[tuple[Any, ...]], number: int) -> None:
    """Detach all tags and entities from a memory."""
    connection.execute("DELETE FROM memoryos.memory_tags WHERE number = %s", (number,))
    connection.execute("DELETE FROM memoryos.memory_entities WHERE number = %s", (number,))


def _create_tags(
    connection: Connection[tuple[Any, ...]], owner: str, tags: dict[UUID, str], now: datetime
) -> None:
    # All writers use the same order, so that two that create the same tags can't deadlock.
    ids = sorted(tags)
    names = [tags[one] for one in ids]
    connection.execute(
        "INSERT INTO memoryos.tags (id, owner, name, folded, created_at, updated_at) "
        "SELECT new.id, %s, new.name, new.folded, %s, %s "
        "FROM unnest(%s::uuid[], %s::text[], %s::text[]) AS new (id, name, folded) "
        "ON CONFLICT (id) DO NOTHING",
        (owner, now, now, ids, names, [name.casefold() for name in names]),
    )


def list_tags(
    connection: Connection[tuple[Any, ...]], selection: TagSelection, limit: int, offset: int
) -> tuple[list[Tag], int]:
    """Return one page of the selected tags, and their total number."""
    where, values = _name_condition(selection.owner, selection.search)
    total = _count(connection, "tags", where, values)
    rows = connection.execute(
        f"{_TAGS} WHERE {where} ORDER BY {tag_order(selection)} LIMIT %s OFFSET %s",
        [selection.now, *values, limit, offset],
    )
    return [_TAG_ROWS.from_row(row) for row in rows], total


def insert_entity(connection: Connection[tuple[Any, ...]], entity: Entity) -> None:
    """Store an entity."""
    connection.execute(
        f"INSERT INTO memoryos.entities ({_ENTITY_ROWS.column_list}, folded) "
        "VALUES (%s, %s, %s, %s, %s, %s, %s, %s)",
        (*_ENTITY_ROWS.to_row(entity), entity.name.casefold()),
    )


def entity_names(
    connection: Connection[tuple[Any, ...]], owner: str, ids: Sequence[str]
) -> dict[str, tuple[str, ...]]:
    """Return the name and the aliases of the owner's entities among `ids`, by id."""
    rows = connection.execute(
        "SELECT id, name, aliases FROM memoryos.entities WHERE owner = %s AND id = ANY(%s::text[])",
        (owner, list(ids)),
    )
    return dict(map(read_entity_names, rows))


def list_entities(
    connection: Connection[tuple[Any, ...]], selection: EntitySelection, limit: int, offset: int
) -> tuple[list[Entity], int]:
    """Return one page of the selected entities, by name, and their total number."""
    where, values = _name_condition(selection.owner, selection.search)
    if selection.type is not None:
        where, values = f"{where} AND type = %s", [*values, selection.type]
    total = _count(connection, "entities", where, values)
    rows = connection.execute(
        f"SELECT {_ENTITY_ROWS.column_list} FROM memoryos.entities "
        f"WHERE {where} ORDER BY folded, number LIMIT %s OFFSET %s",
        [*values, limit, offset],
    )
    return [_ENTITY_ROWS.from_row(row) for row in rows], total


def _name_condition(owner: str, search: str | None) -> tuple[str, list[Any]]:
    if search is None:
        return "owner = %s", [owner]
    return "owner = %s AND strpos(folded, %s) > 0", [owner, search.casefold()]


def _count(
    connection: Connection[tuple[Any, ...]], table: str, where: str, values: list[Any]
) -> int:
    row = connection.execute(f"SELECT count(*) FROM memoryos.{table} WHERE {where}", values)
    (count,) = row.fetchone() or (0,)
    return int(count)
