"""Tags and entities in SQLite."""

# ruff: noqa: S608 - only constants of this package are put into the SQL, values are parameters

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from memoryos_server.model.records import Entity, Tag
from memoryos_server.stores.columns import ENTITY_COLUMNS, TAG_COLUMNS
from memoryos_server.stores.row_mapper import RowMapper
from memoryos_server.stores.tags_and_entities import read_entity_names, tag_id, tag_order

from .column_types import CODECS, from_time

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Sequence
    from datetime import datetime

    from memoryos_server.model.records import EntitySelection, TagSelection

__all__ = [
    "attach_tag",
    "entity_names",
    "insert_entity",
    "list_entities",
    "list_tags",
]

_TAG_ROWS = RowMapper(Tag, TAG_COLUMNS, CODECS)
_ENTITY_ROWS = RowMapper(Entity, ENTITY_COLUMNS, CODECS)

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
    """Attach a tag to a memory; create the tag if it is new."""
    identifier, time = str(tag_id(owner, name)), from_time(now)
    connection.execute(
        "INSERT INTO tags (id, owner, name, folded, created_at, updated_at) "
        "VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (owner, name) DO NOTHING",
        (identifier, owner, name, name.casefold(), time, time),
    )
    connection.execute(
        "INSERT INTO memory_tags SELECT ?, id FROM tags WHERE owner = ? AND name = ?",
        (number, owner, name),
    )


def list_tags(
    connection: sqlite3.Connection, selection: TagSelection, limit: int, offset: int
) -> tuple[list[Tag], int]:
    """Return one page of the selected tags, and their total number."""
    where, values = _name_condition(selection.owner, selection.search)
    total = _count(connection, "tags", where, values)
    rows = connection.execute(
        f"{_TAGS} WHERE {where} ORDER BY {tag_order(selection)} LIMIT ? OFFSET ?",
        [from_time(selection.now), *values, limit, offset],
    )
    return [_TAG_ROWS.from_row(row) for row in rows], total


def insert_entity(connection: sqlite3.Connection, entity: Entity) -> None:
    """Store an entity."""
    connection.execute(
        f"INSERT INTO entities ({_ENTITY_ROWS.column_list}, folded) "
        "VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        (*_ENTITY_ROWS.to_row(entity), entity.name.casefold()),
    )


def entity_names(
    connection: sqlite3.Connection, owner: str, ids: Sequence[str]
) -> dict[str, tuple[str, ...]]:
    """Return the name and the aliases of the owner's entities among `ids`, by id."""
    rows = connection.execute(
        "SELECT id, name, aliases FROM entities "
        f"WHERE owner = ? AND id IN ({', '.join('?' * len(ids))})",
        [owner, *ids],
    )
    return dict(map(read_entity_names, rows))


def list_entities(
    connection: sqlite3.Connection, selection: EntitySelection, limit: int, offset: int
) -> tuple[list[Entity], int]:
    """Return one page of the selected entities, by name, and their total number."""
    where, values = _name_condition(selection.owner, selection.search)
    if selection.type is not None:
        where, values = f"{where} AND type = ?", [*values, selection.type]
    total = _count(connection, "entities", where, values)
    rows = connection.execute(
        f"SELECT {_ENTITY_ROWS.column_list} FROM entities WHERE {where} "
        "ORDER BY folded, number LIMIT ? OFFSET ?",
        [*values, limit, offset],
    )
    return [_ENTITY_ROWS.from_row(row) for row in rows], total


def _name_condition(owner: str, search: str | None) -> tuple[str, list[Any]]:
    if search is None:
        return "owner = ?", [owner]
    return "owner = ? AND instr(folded, ?) > 0", [owner, search.casefold()]


def _count(connection: sqlite3.Connection, table: str, where: str, values: list[Any]) -> int:
    row = connection.execute(f"SELECT count(*) FROM {table} WHERE {where}", values).fetchone()
    count: int = row[0]
    return count
