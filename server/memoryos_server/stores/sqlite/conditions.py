"""WHERE clauses for selections of memories."""

from __future__ import annotations

from typing import Any

from memoryos_server.model.records import Selection
from memoryos_server.model.scope_tags import scope_key
from memoryos_server.stores.words import phrases_of

from .column_types import from_time
from .full_text import any_phrase

__all__ = ["condition", "has_filters"]

_HAS_TAGS = """
  (SELECT count(*) FROM memory_tags JOIN tags ON tags.id = memory_tags.tag_id
   WHERE memory_tags.number = memories.number AND tags.owner = memories.owner
   AND tags.name IN ({placeholders})) = ?
"""
_HAS_NO_OTHER_SCOPE_TAGS = """
  (SELECT count(*) FROM memory_tags JOIN tags ON tags.id = memory_tags.tag_id
   WHERE memory_tags.number = memories.number AND tags.scope_key IN ({placeholders})) = ?
"""
_REFERS_TO_ENTITY = """
  (memories.number IN (SELECT number FROM memory_entities WHERE entity_id = ?)
   OR memories.number IN (SELECT rowid FROM memory_words WHERE memory_words MATCH ?))
"""
_REFRESHED_SINCE = "coalesce(last_accessed_at, created_at) >= CASE tier {cases} END"


def condition(selection: Selection) -> tuple[str, list[Any]]:
    """Return the SQL condition for `selection` on the table `memories`, and its parameters."""
    clauses = ["owner = ?", "(expires_at IS NULL OR expires_at > ?)"]
    values: list[Any] = [selection.owner, from_time(selection.now)]
    for column in ("tier", "content_type", "memory_nature", "external_id"):
        wanted = getattr(selection, column)
        if wanted is not None:
            clauses.append(f"{column} = ?")
            values.append(wanted)
    if selection.scope_tags:
        keys = [scope_key(tag) for tag in selection.scope_tags]
        clauses.append(_HAS_NO_OTHER_SCOPE_TAGS.format(placeholders=", ".join("?" * len(keys))))
        values += [*keys, len(keys)]
    tags = {*selection.tags, *selection.scope_tags}
    if tags:
        # Not as one JSON list: SQLite reads a JSON text only up to the first NUL.
        clauses.append(_HAS_TAGS.format(placeholders=", ".join("?" * len(tags))))
        values += [*tags, len(tags)]
    for entity in selection.entities:
        clauses.append(_REFERS_TO_ENTITY)
        values += [entity.id, any_phrase(selection.owner, phrases_of(entity.names))]
    if selection.refreshed_since is not None:
        clauses.append(
            _REFRESHED_SINCE.format(cases="WHEN ? THEN ? " * len(selection.refreshed_since))
        )
        for tier, since in selection.refreshed_since.items():
            values += [tier, from_time(since)]
    return " AND ".join(clauses), values


def has_filters(selection: Selection) -> bool:
    """Return whether a selection excludes any of the owner's unexpired memories."""
    return selection != Selection(owner=selection.owner, now=selection.now)
