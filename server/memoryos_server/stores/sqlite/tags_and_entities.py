"""Tags and entities in SQLite."""

# ruff: noqa: S608 - only constants of this package are put into the SQL, values are parameters

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import NAMESPACE_OID, uuid5

from memoryos_server.model.records import Entity, Tag

from .columns import from_json, from_time, reading, to_json, to_time

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Sequence
    from datetime import datetime

__all__ = [
    "attach_tag",
    "insert_entity",
    "names_of_entities",
    "page_of_entities",
    "page_of_tags",
]

_TAG_ORDERS = {
    "name": "folded {order}, name {order}",
    "memory_count": "memory_count {order}, folded, name",
    "created_at": "created_at {order}, folded, name",
}
_ORDERS = {"asc": "ASC", "desc": "DESC"}
_TAGS = """
  SELECT id, name, color, description,
    (SELECT count(*) FROM memory_tags JOIN memories ON memories.number = memory_tags.number
     WHERE memory_tags.tag_id = tags.id
     AND (memories.expires_at IS NULL OR memories.expires_at > ?)) AS memory_count,
    created_at, updated_at
  FROM tags
"""


def attach_tag(
    connection: sqlite3.Connection, number: int, owner: str, name: str, now: datetime
) -> None:
    """Put a tag on a memory, which makes the tag where it is new."""
    tag_id, time = str(uuid5(NAMESPACE_OID, f"{owner}\0{name}")), from_time(now)
    connection.execute(
        "INSERT INTO tags (id, owner, name, folded, created_at, updated_at) "
        "VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (owner, name) DO NOTHING",
        (tag_id, owner, name, name.casefold(), time, time),
    )
    connection.execute(
        "INSERT INTO memory_tags SELECT ?, id FROM tags WHERE owner = ? AND name = ?",
        (number, owner, name),
    )


def page_of_tags(
    connection: sqlite3.Connection,
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
        f"{_TAGS} WHERE {where} ORDER BY {by} LIMIT ? OFFSET ?",
        [from_time(now), *values, limit, offset],
    )
    return [_tag(row) for row in rows], total


def insert_entity(connection: sqlite3.Connection, entity: Entity) -> None:
    """Add an entity."""
    connection.execute(
        "INSERT INTO entities (id, owner, name, folded, type, aliases, metadata, created_at) "
        "VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        (
            entity.id,
            entity.owner,
            entity.name,
            entity.name.casefold(),
            entity.type,
            to_json(entity.aliases),
            to_json(entity.metadata),
            from_time(entity.created_at),
        ),
    )


def names_of_entities(
    connection: sqlite3.Connection, owner: str, ids: Sequence[str]
) -> dict[str, tuple[str, ...]]:
    """Return the name and the aliases of the owner's entities among `ids`, by id."""
    rows = connection.execute(
        "SELECT id, name, aliases FROM entities "
        f"WHERE owner = ? AND id IN ({', '.join('?' * len(ids))})",
        [owner, *ids],
    )
    return dict(map(_names, rows))


def page_of_entities(
    connection: sqlite3.Connection,
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
        where, values = f"{where} AND type = ?", [*values, entity_type]
    total = _count(connection, "entities", where, values)
    rows = connection.execute(
        f"SELECT id, owner, name, type, aliases, metadata, created_at FROM entities WHERE {where} "
        "ORDER BY folded, number LIMIT ? OFFSET ?",
        [*values, limit, offset],
    )
    return [_entity(row) for row in rows], total


def _named(owner: str, search: str | None) -> tuple[str, list[Any]]:
    if search is None:
        return "owner = ?", [owner]
    return "owner = ? AND instr(folded, ?) > 0", [owner, search.casefold()]


def _count(connection: sqlite3.Connection, table: str, where: str, values: list[Any]) -> int:
    row = connection.execute(f"SELECT count(*) FROM {table} WHERE {where}", values).fetchone()
    count: int = row[0]
    return count


@reading
def _tag(row: tuple[Any, ...]) -> Tag:
    return Tag(
        id=row[0],
        name=row[1],
        color=row[2],
        description=row[3],
        memory_count=row[4],
        created_at=to_time(row[5]),
        updated_at=to_time(row[6]),
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
        created_at=to_time(row[6]),
    )
