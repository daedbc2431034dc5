"""From a selection to a WHERE clause."""

from __future__ import annotations

from typing import Any

from memoryos_server.records import Selection

from .labels import entity_key, tag_id

__all__ = ["condition", "everyone", "is_narrow"]

_TAGGED = """
  (SELECT count(*) FROM memoryos.memory_tags AS tagged
   WHERE tagged.number = memories.number AND tagged.tag_id = ANY(%s::uuid[])) = %s
"""
_REFERRING = """
  (SELECT count(*) FROM memoryos.memory_entities AS referring
   WHERE referring.number = memories.number AND referring.entity = ANY(%s::uuid[])) = %s
"""
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
    entities = {entity_key(entity_id) for entity_id in selection.entities}
    for clause, keys in ((_TAGGED, tags), (_REFERRING, entities)):
        if keys:
            clauses.append(clause)
            values += [list(keys), len(keys)]
    if selection.refreshed_since is not None:
        cases = "WHEN %s THEN %s::timestamptz " * len(selection.refreshed_since)
        clauses.append(_FRESH.format(cases=cases))
        for tier, since in selection.refreshed_since.items():
            values += [tier, since]
    return " AND ".join(clauses), values


def is_narrow(selection: Selection) -> bool:
    """Say whether a selection leaves out any of the owner's unexpired memories."""
    return selection != everyone(selection)


def everyone(selection: Selection) -> Selection:
    """Return the selection of all of the owner's unexpired memories."""
    return Selection(owner=selection.owner, now=selection.now)
