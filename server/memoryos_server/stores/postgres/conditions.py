"""From a selection to a WHERE clause."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from memoryos_server.model.records import Selection

from .phrase_search import hits
from .tags_and_entities import entity_key, tag_id
from .tokens import words_of

if TYPE_CHECKING:
    from memoryos_server.model.records import EntityNames

__all__ = ["condition", "everyone", "is_narrow"]

_TAGGED = """
  (SELECT count(*) FROM memoryos.memory_tags AS tagged
   WHERE tagged.number = memories.number AND tagged.tag_id = ANY(%s::uuid[])) = %s
"""
_REFERRING = """
  memories.number IN (
    SELECT number FROM memoryos.memory_entities WHERE entity = %s {mentioning}
  )
"""
_MENTIONING = " UNION ALL SELECT number FROM ({hits}) AS hits"
_FRESH = "coalesce(last_accessed_at, created_at) >= CASE tier {cases} END"


def condition(selection: Selection) -> tuple[str, list[Any]]:
    """Return the SQL condition for `selection` over the table `memories`, and its parameters."""
    clauses = ["memories.owner = %s", "(expires_at IS NULL OR expires_at > %s)"]
    values: list[Any] = [selection.owner, selection.now]
    for column in ("tier", "content_type", "memory_nature"):
        wanted = getattr(selection, column)
        if wanted is not None:
            clauses.append(f"{column} = %s")
            values.append(wanted)
    tags = {tag_id(selection.owner, name) for name in selection.tags}
    if tags:
        clauses.append(_TAGGED)
        values += [list(tags), len(tags)]
    for entity in selection.entities:
        clause, mentioned = _referring(selection.owner, entity)
        clauses.append(clause)
        values += mentioned
    if selection.refreshed_since is not None:
        cases = "WHEN %s THEN %s::timestamptz " * len(selection.refreshed_since)
        clauses.append(_FRESH.format(cases=cases))
        for tier, since in selection.refreshed_since.items():
            values += [tier, since]
    return " AND ".join(clauses), values


def _referring(owner: str, entity: EntityNames) -> tuple[str, list[Any]]:
    """Return the condition that a memory names an entity's id, or mentions it, and its values."""
    phrases = [phrase for phrase in map(words_of, entity.names) if phrase]
    found = [hits(place, owner, phrase) for place, phrase in enumerate(phrases)]
    mentioning = "".join(_MENTIONING.format(hits=sql) for sql, _ in found)
    values = [entity_key(entity.id), *(value for _, given in found for value in given)]
    return _REFERRING.format(mentioning=mentioning), values


def is_narrow(selection: Selection) -> bool:
    """Say whether a selection leaves out any of the owner's unexpired memories."""
    return selection != everyone(selection)


def everyone(selection: Selection) -> Selection:
    """Return the selection of all of the owner's unexpired memories."""
    return Selection(owner=selection.owner, now=selection.now)
