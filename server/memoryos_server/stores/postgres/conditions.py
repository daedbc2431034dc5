"""WHERE clauses for selections of memories."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from memoryos_server.model.records import Selection
from memoryos_server.model.scope_tags import scope_key
from memoryos_server.stores.limits import MAX_SEPARATE_CONDITIONS
from memoryos_server.stores.metadata_fields import field_ids
from memoryos_server.stores.tags_and_entities import entity_key, tag_id
from memoryos_server.stores.words import phrases_of

from .phrase_search import hits

if TYPE_CHECKING:
    from uuid import UUID

    from memoryos_server.model.records import EntityNames

__all__ = ["Clause", "condition", "has_filters", "supersets", "without_filters"]

_NUMBERS = "SELECT number FROM memoryos.memories"
_AMONG = "memories.number IN ({numbers})"
_HAVE_ONE = "SELECT number FROM memoryos.{table} WHERE owner = %s AND {column} = %s"
_HAVE_ALL = """
  SELECT number FROM memoryos.{table} WHERE owner = %s AND {column} = ANY(%s::uuid[])
  GROUP BY number HAVING count(*) = %s
"""
_HAS_NO_OTHER_SCOPE_TAGS = """
  (SELECT count(*) FROM memoryos.memory_tags AS tagged
   JOIN memoryos.tags AS scope ON scope.owner = tagged.owner AND scope.id = tagged.tag_id
   WHERE tagged.owner = memories.owner AND tagged.number = memories.number
   AND scope.scope_key = ANY(%s::text[])) = %s
"""
_REFER_TO_ENTITY = """
  SELECT number FROM memoryos.memory_entities WHERE owner = %s AND entity = %s {mentioning}
  UNION ALL SELECT number FROM memoryos.memories WHERE owner = %s AND NOT analyzed
"""
_OR_MENTIONS = " UNION ALL SELECT number FROM ({hits}) AS hits"
_REFRESHED_SINCE = "coalesce(last_accessed_at, created_at) >= CASE tier {cases} END"


# The hash is what the index has.
_HAS_EXTERNAL_ID = """
  (hashtextextended(external_id, 0) = hashtextextended(%s::text COLLATE "C", 0)
   AND external_id = %s)
"""
_EQUALITIES = ("tier", "content_type", "memory_nature")

Clause = tuple[str, Sequence[Any]]


def condition(selection: Selection) -> tuple[str, list[Any]]:
    """Return the SQL condition for `selection` over the table `memories`, and its parameters."""
    memberships = ((_AMONG.format(numbers=sql), values) for sql, values in _members(selection))
    unexpired = ("(expires_at IS NULL OR expires_at > %s)", [selection.now])
    return _joined(
        unexpired, *_comparisons(selection), *memberships, *_without_other_scope_tags(selection)
    )


def supersets(selection: Selection) -> list[Clause]:
    """Return queries for numbers of memories; all of them find each selected memory.

    They are simpler than `condition`, so that an index alone has the answer of most of them: they
    also find what has expired, and what has more tags than `scope_tags` allows.
    """
    comparisons = list(_comparisons(selection))
    where, values = _joined(*comparisons)
    by_columns = (f"{_NUMBERS} WHERE {where}", values)
    return [*_members(selection), *([by_columns] if len(comparisons) > 1 else [])]


def _joined(*clauses: Clause) -> tuple[str, list[Any]]:
    """Return the clauses as one condition, and its parameters."""
    return (
        " AND ".join(sql for sql, _ in clauses),
        [value for _, values in clauses for value in values],
    )


def _comparisons(selection: Selection) -> Iterator[Clause]:
    """Yield the conditions on the columns of a memory, besides its expiry; the owner's first."""
    yield "memories.owner = %s", [selection.owner]
    for column in _EQUALITIES:
        wanted = getattr(selection, column)
        if wanted is not None:
            yield f"{column} = %s", [wanted]
    if selection.external_id is not None:
        yield _HAS_EXTERNAL_ID, [selection.external_id] * 2
    if selection.created_after is not None:
        yield "created_at >= %s", [selection.created_after]
    if selection.created_before is not None:
        yield "created_at < %s", [selection.created_before]
    if selection.refreshed_since is not None:
        since = selection.refreshed_since.items()
        cases = "WHEN %s THEN %s::timestamptz " * len(since)
        yield _REFRESHED_SINCE.format(cases=cases), [value for each in since for value in each]


def _members(selection: Selection) -> Iterator[Clause]:
    """Yield queries for the numbers of memories that have something that belongs to a memory."""
    tags = {tag_id(selection.owner, name) for name in selection.tags + selection.scope_tags}
    yield from _have_all(selection.owner, "memory_tags", "tag_id", sorted(tags))
    fields = field_ids(selection.owner, selection.metadata or {})
    yield from _have_all(selection.owner, "memory_metadata", "field", fields)
    for entity in selection.entities:
        yield _refer_to_entity(selection.owner, entity)


def _without_other_scope_tags(selection: Selection) -> Iterator[Clause]:
    if selection.scope_tags:
        keys = sorted({str(scope_key(tag)) for tag in selection.scope_tags})
        yield _HAS_NO_OTHER_SCOPE_TAGS, [keys, len(keys)]


def _have_all(owner: str, table: str, column: str, ids: Sequence[UUID]) -> Iterator[Clause]:
    """Yield queries for the numbers of memories that all of these distinct ids belong to."""
    if len(ids) <= MAX_SEPARATE_CONDITIONS:
        sql = _HAVE_ONE.format(table=table, column=column)
        yield from ((sql, [owner, one]) for one in ids)
    else:
        yield _HAVE_ALL.format(table=table, column=column), [owner, ids, len(ids)]


def _refer_to_entity(owner: str, entity: EntityNames) -> Clause:
    """Return the query for the numbers of memories that refer to an entity by id or by name."""
    phrases = enumerate(phrases_of(entity.names))
    found = [hits(position, owner, phrase) for position, phrase in phrases]
    mentioning = "".join(_OR_MENTIONS.format(hits=sql) for sql, _ in found)
    values = [owner, entity_key(entity.id), *(value for _, given in found for value in given)]
    values.append(owner)
    return _REFER_TO_ENTITY.format(mentioning=mentioning), values


def has_filters(selection: Selection) -> bool:
    """Return whether a selection excludes any of the owner's unexpired memories."""
    return selection != without_filters(selection)


def without_filters(selection: Selection) -> Selection:
    """Return the selection of all of the owner's unexpired memories."""
    return Selection(owner=selection.owner, now=selection.now)
