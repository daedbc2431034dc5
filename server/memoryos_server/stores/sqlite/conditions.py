"""WHERE clauses for selections of memories."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from typing import Any

from memoryos_server.model.records import Selection
from memoryos_server.model.scope_tags import scope_key
from memoryos_server.stores.limits import MAX_SEPARATE_CONDITIONS
from memoryos_server.stores.metadata_fields import field_ids
from memoryos_server.stores.words import phrases_of

from .column_types import from_time
from .full_text import any_phrase

__all__ = ["condition", "has_filters"]

_HAS_TAG = """
  memories.number IN (
    SELECT number FROM memory_tags WHERE owner = ?
    AND tag_id = (SELECT id FROM tags WHERE owner = ? AND name = ?)
  )
"""
_HAS_FIELD = """
  memories.number IN (SELECT number FROM memory_metadata WHERE owner = ? AND field = ?)
"""
_HAS_FIELDS = """
  memories.number IN (
    SELECT number FROM memory_metadata WHERE owner = ? AND field IN ({placeholders})
    GROUP BY number HAVING count(*) = ?
  )
"""
_HAS_NO_OTHER_SCOPE_TAGS = """
  (SELECT count(*) FROM memory_tags
   JOIN tags ON tags.owner = memory_tags.owner AND tags.id = memory_tags.tag_id
   WHERE memory_tags.owner = ? AND memory_tags.number = memories.number
   AND tags.scope_key IN ({placeholders})) = ?
"""
_REFERS_TO_ENTITY = """
  (memories.number IN (SELECT number FROM memory_entities WHERE owner = ? AND entity_id = ?)
   OR memories.number IN (SELECT rowid FROM memory_words WHERE memory_words MATCH ?)
   OR memories.number IN (
     SELECT number FROM memories WHERE owner = ? AND words_checksum = 0
   ))
"""
_REFRESHED_SINCE = "coalesce(last_accessed_at, created_at) >= CASE tier {cases} END"


_EQUALITIES = ("tier", "content_type", "memory_nature", "external_id")

Clause = tuple[str, Sequence[Any]]


def condition(selection: Selection) -> tuple[str, list[Any]]:
    """Return the SQL condition for `selection` on the table `memories`, and its parameters."""
    clauses = [*_comparisons(selection), *_memberships(selection)]
    return (
        " AND ".join(sql for sql, _ in clauses),
        [value for _, values in clauses for value in values],
    )


def _comparisons(selection: Selection) -> Iterator[Clause]:
    """Yield the conditions on the columns of a memory."""
    yield "memories.owner = ?", [selection.owner]
    yield "(expires_at IS NULL OR expires_at > ?)", [from_time(selection.now)]
    for column in _EQUALITIES:
        wanted = getattr(selection, column)
        if wanted is not None:
            yield f"{column} = ?", [wanted]
    if selection.created_after is not None:
        yield "created_at >= ?", [from_time(selection.created_after)]
    if selection.created_before is not None:
        yield "created_at < ?", [from_time(selection.created_before)]
    if selection.refreshed_since is not None:
        since = selection.refreshed_since.items()
        values = [value for tier, time in since for value in (tier, from_time(time))]
        yield _REFRESHED_SINCE.format(cases="WHEN ? THEN ? " * len(since)), values


def _memberships(selection: Selection) -> Iterator[Clause]:
    """Yield the conditions on what belongs to a memory."""
    owner = selection.owner
    for tag in dict.fromkeys(selection.tags + selection.scope_tags):
        yield _HAS_TAG, [owner, owner, tag]
    if selection.scope_tags:
        keys = sorted({str(scope_key(tag)) for tag in selection.scope_tags})
        sql = _HAS_NO_OTHER_SCOPE_TAGS.format(placeholders=_placeholders(keys))
        yield sql, [owner, *keys, len(keys)]
    fields = [field.bytes for field in field_ids(owner, selection.metadata or {})]
    if len(fields) <= MAX_SEPARATE_CONDITIONS:
        yield from ((_HAS_FIELD, [owner, field]) for field in fields)
    else:
        sql = _HAS_FIELDS.format(placeholders=_placeholders(fields))
        yield sql, [owner, *fields, len(fields)]
    for entity in selection.entities:
        phrases = any_phrase(owner, phrases_of(entity.names))
        yield _REFERS_TO_ENTITY, [owner, entity.id, phrases, owner]


def _placeholders(values: Collection[Any]) -> str:
    return ", ".join("?" * len(values))


def has_filters(selection: Selection) -> bool:
    """Return whether a selection excludes any of the owner's unexpired memories."""
    return selection != Selection(owner=selection.owner, now=selection.now)
