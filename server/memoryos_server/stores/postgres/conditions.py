"""WHERE clauses for selections of memories."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from memoryos_server.model.records import Selection
from memoryos_server.model.scope_tags import scope_key
from memoryos_server.stores.tags_and_entities import entity_key, tag_id
from memoryos_server.stores.words import phrases_of

from .phrase_search import hits

if TYPE_CHECKING:
    from memoryos_server.model.records import EntityNames

__all__ = ["condition", "has_filters", "without_filters"]

_HAS_TAGS = """
  (SELECT count(*) FROM memoryos.memory_tags AS tagged
   WHERE tagged.number = memories.number AND tagged.tag_id = ANY(%s::uuid[])) = %s
"""
_HAS_NO_OTHER_SCOPE_TAGS = """
  (SELECT count(*) FROM memoryos.memory_tags AS tagged
   JOIN memoryos.tags AS scope ON scope.id = tagged.tag_id
   WHERE tagged.number = memories.number AND scope.scope_key = ANY(%s::text[])) = %s
"""
_REFERS_TO_ENTITY = """
  memories.number IN (
    SELECT number FROM memoryos.memory_entities WHERE entity = %s {mentioning}
  )
"""
_OR_MENTIONS = " UNION ALL SELECT number FROM ({hits}) AS hits"
_REFRESHED_SINCE = "coalesce(last_accessed_at, created_at) >= CASE tier {cases} END"


def condition(selection: Selection) -> tuple[str, list[Any]]:
    """Return the SQL condition for `selection` over the table `memories`, and its parameters."""
    clauses = ["memories.owner = %s", "(expires_at IS NULL OR expires_at > %s)"]
    values: list[Any] = [selection.owner, selection.now]
    for column in ("tier", "content_type", "memory_nature", "external_id"):
        wanted = getattr(selection, column)
        if wanted is not None:
            clauses.append(f"{column} = %s")
            values.append(wanted)
    if selection.scope_tags:
        keys = [scope_key(tag) for tag in selection.scope_tags]
        clauses.append(_HAS_NO_OTHER_SCOPE_TAGS)
        values += [keys, len(keys)]
    tags = {tag_id(selection.owner, name) for name in selection.tags + selection.scope_tags}
    if tags:
        clauses.append(_HAS_TAGS)
        values += [list(tags), len(tags)]
    for entity in selection.entities:
        clause, mentioned = _refers_to_entity(selection.owner, entity)
        clauses.append(clause)
        values += mentioned
    if selection.refreshed_since is not None:
        cases = "WHEN %s THEN %s::timestamptz " * len(selection.refreshed_since)
        clauses.append(_REFRESHED_SINCE.format(cases=cases))
        for tier, since in selection.refreshed_since.items():
            values += [tier, since]
    return " AND ".join(clauses), values


def _refers_to_entity(owner: str, entity: EntityNames) -> tuple[str, list[Any]]:
    """Return the condition that a memory refers to an entity by id or by name, and its values."""
    phrases = enumerate(phrases_of(entity.names))
    found = [hits(position, owner, phrase) for position, phrase in phrases]
    mentioning = "".join(_OR_MENTIONS.format(hits=sql) for sql, _ in found)
    values = [entity_key(entity.id), *(value for _, given in found for value in given)]
    return _REFERS_TO_ENTITY.format(mentioning=mentioning), values


def has_filters(selection: Selection) -> bool:
    """Return whether a selection excludes any of the owner's unexpired memories."""
    return selection != without_filters(selection)


def without_filters(selection: Selection) -> Selection:
    """Return the selection of all of the owner's unexpired memories."""
    return Selection(owner=selection.owner, now=selection.now)
