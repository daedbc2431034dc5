"""Tags and entities in SQLite."""

# ruff: noqa: S608 - only constants of this package are put into the SQL, values are parameters

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from memoryos_server.model.records import Entity, Tag
from memoryos_server.model.scope_tags import scope_key
from memoryos_server.stores.columns import ENTITY_COLUMNS, TAG_COLUMNS
from memoryos_server.stores.row_mapper import RowMapper
from memoryos_server.stores.tags_and_entities import read_entity_names, tag_id, tag_order

from .column_types import CODECS, from_time
from .conditions import condition

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Sequence
    from datetime import datetime

    from memoryos_server.model.records import EntitySelection, TagSelection

__all__ = [
    "add_scope_keys",
    "attach_tag",
    "delete_unused",
    "detach",
    "entity_names",
    "insert_entity",
    "list_entities",
    "list_tags",
]

_TAG_ROWS = RowMapper(Tag, TAG_COLUMNS, CODECS)
_ENTITY_ROWS = RowMapper(Entity, ENTITY_COLUMNS, CODECS)

_MEMORIES_OF_TAGS = """
  JOIN memories ON memories.owner = memory_tags.owner AND memories.number = memory_tags.number
"""
_TAGS = f"""
  SELECT id, name, color, description,
    (SELECT count(*) FROM memory_tags {_MEMORIES_OF_TAGS}
     WHERE memory_tags.owner = tags.owner AND memory_tags.tag_id = tags.id
     AND {{memories}}) AS memory_count,
    created_at, updated_at
  FROM tags
"""
# The times are not those at which others used the tag.
_TAGS_IN_SCOPE = f"""
  SELECT id, name, color, description, memory_count,
    first_use AS created_at, first_use AS updated_at
  FROM tags JOIN (
    SELECT tag_id, count(*) AS memory_count, min(memories.created_at) AS first_use
    FROM memory_tags {_MEMORIES_OF_TAGS} WHERE {{memories}} GROUP BY tag_id
  ) AS used ON used.tag_id = tags.id
"""
_USED_TAG = f"""
  id IN (SELECT tag_id FROM memory_tags {_MEMORIES_OF_TAGS} WHERE {{memories}})
"""
_USED_ENTITY = """
  id IN (SELECT entity_id FROM memory_entities
    JOIN memories ON memories.owner = memory_entities.owner
    AND memories.number = memory_entities.number WHERE {memories})
"""


def attach_tag(
    connection: sqlite3.Connection, number: int, owner: str, name: str, now: datetime
) -> None:
    """Attach a tag to a memory; create the tag if it is new."""
    identifier, time = str(tag_id(owner, name)), from_time(now)
    connection.execute(
        "INSERT INTO tags (id, owner, name, folded, created_at, updated_at, scope_key) "
        "VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (owner, name) DO NOTHING",
        (identifier, owner, name, name.casefold(), time, time, scope_key(name)),
    )
    connection.execute(
        "INSERT INTO memory_tags (owner, number, tag_id) "
        "SELECT owner, ?, id FROM tags WHERE owner = ? AND name = ?",
        (number, owner, name),
    )


def detach(connection: sqlite3.Connection, number: int, owner: str) -> list[str]:
    """Detach all tags and entities from a memory; return the ids of the tags."""
    memory = (owner, number)
    rows = connection.execute(
        "SELECT tag_id FROM memory_tags WHERE owner = ? AND number = ?", memory
    )
    tags = [tag for (tag,) in rows]
    connection.execute("DELETE FROM memory_tags WHERE owner = ? AND number = ?", memory)
    connection.execute("DELETE FROM memory_entities WHERE owner = ? AND number = ?", memory)
    return tags


def delete_unused(connection: sqlite3.Connection, owner: str, tags: Sequence[str]) -> None:
    """Delete those of the owner's tags that no memory has."""
    connection.executemany(
        "DELETE FROM tags WHERE owner = ? AND id = ? AND NOT EXISTS "
        "(SELECT 1 FROM memory_tags WHERE owner = ? AND tag_id = ?)",
        [(owner, tag, owner, tag) for tag in tags],
    )


def add_scope_keys(connection: sqlite3.Connection, owner: str) -> None:
    """Store the scope keys of an owner's tags anew."""
    rows = connection.execute("SELECT id, name FROM tags WHERE owner = ?", (owner,)).fetchall()
    connection.executemany(
        "UPDATE tags SET scope_key = ? WHERE owner = ? AND id = ?",
        [(scope_key(name), owner, tag) for tag, name in rows],
    )


def list_tags(
    connection: sqlite3.Connection, selection: TagSelection, limit: int, offset: int
) -> tuple[list[Tag], int]:
    """Return one page of the selected tags, and their total number."""
    where, values = _condition(selection, "tags", _USED_TAG)
    total = _count(connection, "tags", where, values)
    counted, counted_values = condition(selection.memories)
    tags = _TAGS_IN_SCOPE if selection.memories.scope_tags else _TAGS
    rows = connection.execute(
        f"{tags.format(memories=counted)} WHERE {where} "
        f"ORDER BY {tag_order(selection)} LIMIT ? OFFSET ?",
        [*counted_values, *values, limit, offset],
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
    where, values = _condition(selection, "entities", _USED_ENTITY)
    if selection.type is not None:
        where, values = f"{where} AND type = ?", [*values, selection.type]
    total = _count(connection, "entities", where, values)
    rows = connection.execute(
        f"SELECT {_ENTITY_ROWS.column_list} FROM entities WHERE {where} "
        "ORDER BY folded, number LIMIT ? OFFSET ?",
        [*values, limit, offset],
    )
    return [_ENTITY_ROWS.from_row(row) for row in rows], total


def _condition(
    selection: TagSelection | EntitySelection, table: str, used: str
) -> tuple[str, list[Any]]:
    """Return the condition for the owner, the name and, within a scope, the use."""
    clauses, values = [f"{table}.owner = ?"], [selection.memories.owner]
    if selection.search is not None:
        clauses.append("instr(folded, ?) > 0")
        values.append(selection.search.casefold())
    if selection.memories.scope_tags:
        memories, more = condition(selection.memories)
        clauses.append(used.format(memories=memories))
        values += more
    return " AND ".join(clauses), values


def _count(connection: sqlite3.Connection, table: str, where: str, values: list[Any]) -> int:
    row = connection.execute(f"SELECT count(*) FROM {table} WHERE {where}", values).fetchone()
    count: int = row[0]
    return count
