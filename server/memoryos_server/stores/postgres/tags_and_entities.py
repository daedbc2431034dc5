"""Tags and entities in PostgreSQL."""

# ruff: noqa: S608 - only constants of this package are put into the SQL, values are parameters

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import NAMESPACE_OID, UUID, uuid5

from memoryos_server.model.metadata import entity_ids, tag_names
from memoryos_server.model.records import Entity, Tag

from .columns import from_json, reading, to_json, utc

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from psycopg import Connection

    from memoryos_server.model.records import Memory

__all__ = [
    "attach",
    "detach",
    "entity_key",
    "insert_entity",
    "names_of_entities",
    "page_of_entities",
    "page_of_tags",
    "tag_id",
]

_TAG_ORDERS = {
    "name": "folded {order}, name {order}",
    "memory_count": "memory_count {order}, folded, name",
    "created_at": "created_at {order}, folded, name",
}
_ORDERS = {"asc": "ASC", "desc": "DESC"}
_TAGS = """
  SELECT id::text, name, color, description,
    (SELECT count(*) FROM memoryos.memory_tags AS tagged
     JOIN memoryos.memories ON memories.number = tagged.number
     WHERE tagged.tag_id = tags.id
     AND (memories.expires_at IS NULL OR memories.expires_at > %s)) AS memory_count,
    created_at, updated_at
  FROM memoryos.tags
"""


def tag_id(owner: str, name: str) -> UUID:
    """Return the id of a tag: the same name makes the same tag."""
    return uuid5(NAMESPACE_OID, f"{owner}\0{name}")


def entity_key(entity_id: str) -> UUID:
    """Return what references to an entity are found by; its id may be any text, of any length."""
    return uuid5(NAMESPACE_OID, entity_id)


def attach(
    connection: Connection[tuple[Any, ...]], number: int, memory: Memory, now: datetime
) -> None:
    """Put the tags and entities of its metadata on a memory, which makes the tags that are new."""
    tags = {tag_id(memory.owner, name): name for name in tag_names(memory.metadata)}
    if tags:
        _make_tags(connection, memory.owner, tags, now)
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
    """Take all tags and entities off a memory."""
    connection.execute("DELETE FROM memoryos.memory_tags WHERE number = %s", (number,))
    connection.execute("DELETE FROM memoryos.memory_entities WHERE number = %s", (number,))


def _make_tags(
    connection: Connection[tuple[Any, ...]], owner: str, tags: dict[UUID, str], now: datetime
) -> None:
    # In one order for all: of two that make the same tags, one waits for the other.
    ids = sorted(tags)
    names = [tags[one] for one in ids]
    connection.execute(
        "INSERT INTO memoryos.tags (id, owner, name, folded, created_at, updated_at) "
        "SELECT made.id, %s, made.name, made.folded, %s, %s "
        "FROM unnest(%s::uuid[], %s::text[], %s::text[]) AS made (id, name, folded) "
        "ON CONFLICT (id) DO NOTHING",
        (owner, now, now, ids, names, [name.casefold() for name in names]),
    )


def page_of_tags(
    connection: Connection[tuple[Any, ...]],
    owner: str,
    *,
    search: str | None,
    sort: str,
    order: str,
    limit: int,
    offset: int,
    now: datetime,
) -> tuple[list[Tag], int]:
    """Return some of the owner's tags, and how many there are."""
    where, values = _named(owner, search)
    total = _count(connection, "tags", where, values)
    by = _TAG_ORDERS[sort].format(order=_ORDERS[order])
    rows = connection.execute(
        f"{_TAGS} WHERE {where} ORDER BY {by} LIMIT %s OFFSET %s",
        [now, *values, limit, offset],
    )
    return [_tag(row) for row in rows], total


def insert_entity(connection: Connection[tuple[Any, ...]], entity: Entity) -> None:
    """Add an entity."""
    connection.execute(
        "INSERT INTO memoryos.entities "
        "(id, owner, name, folded, type, aliases, metadata, created_at) "
        "VALUES (%s, %s, %s, %s, %s, %s, %s, %s)",
        (
            entity.id,
            entity.owner,
            entity.name,
            entity.name.casefold(),
            entity.type,
            to_json(entity.aliases),
            to_json(entity.metadata),
            entity.created_at,
        ),
    )


def names_of_entities(
    connection: Connection[tuple[Any, ...]], owner: str, ids: Sequence[str]
) -> dict[str, tuple[str, ...]]:
    """Return the name and the aliases of the owner's entities among `ids`, by id."""
    rows = connection.execute(
        "SELECT id, name, aliases FROM memoryos.entities WHERE owner = %s AND id = ANY(%s::text[])",
        (owner, list(ids)),
    )
    return dict(map(_names, rows))


def page_of_entities(
    connection: Connection[tuple[Any, ...]],
    owner: str,
    *,
    entity_type: str | None,
    search: str | None,
    limit: int,
    offset: int,
) -> tuple[list[Entity], int]:
    """Return some of the owner's entities, by name, and how many there are."""
    where, values = _named(owner, search)
    if entity_type is not None:
        where, values = f"{where} AND type = %s", [*values, entity_type]
    total = _count(connection, "entities", where, values)
    rows = connection.execute(
        "SELECT id, owner, name, type, aliases, metadata, created_at FROM memoryos.entities "
        f"WHERE {where} ORDER BY folded, number LIMIT %s OFFSET %s",
        [*values, limit, offset],
    )
    return [_entity(row) for row in rows], total


def _named(owner: str, search: str | None) -> tuple[str, list[Any]]:
    if search is None:
        return "owner = %s", [owner]
    return "owner = %s AND strpos(folded, %s) > 0", [owner, search.casefold()]


def _count(
    connection: Connection[tuple[Any, ...]], table: str, where: str, values: list[Any]
) -> int:
    row = connection.execute(f"SELECT count(*) FROM memoryos.{table} WHERE {where}", values)
    (count,) = row.fetchone() or (0,)
    return int(count)


@reading
def _tag(row: tuple[Any, ...]) -> Tag:
    return Tag(
        id=row[0],
        name=row[1],
        color=row[2],
        description=row[3],
        memory_count=row[4],
        created_at=utc(row[5]),
        updated_at=utc(row[6]),
    )


@reading
def _names(row: tuple[Any, ...]) -> tuple[str, tuple[str, ...]]:
    return row[0], (row[1], *from_json(row[2]))


@reading
def _entity(row: tuple[Any, ...]) -> Entity:
    return Entity(
        id=row[0],
        owner=row[1],
        name=row[2],
        type=row[3],
        aliases=tuple(from_json(row[4])),
        metadata=from_json(row[5]),
        created_at=utc(row[6]),
    )
