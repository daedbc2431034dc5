"""Versions of the tables of a store, and what each makes out of date.

A migration runs the statements of all later versions first. What the program derives from texts is
then computed once, by the code of today, for the tables of today: a version can't run code that
reads its own tables, because later versions change them.
"""

from __future__ import annotations

from enum import Flag, auto
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["Derived", "SchemaVersion", "outdated"]


class Derived(Flag):
    """What is stored beside the records and computed from them."""

    NOTHING = 0
    WORDS = auto()
    """The words and search terms of memories: only marked, and renewed later; see `renewal`."""
    METADATA_FIELDS = auto()
    """The fields of metadata, by which filters find memories."""
    TAG_KEYS = auto()
    """The keys of tags such as `user:alice`."""
    ENTITY_KEYS = auto()
    """The keys of entities, which memories refer to."""


class SchemaVersion(NamedTuple):
    """One version of the tables.

    Attributes:
        statements: what migrates the tables of the version before. They never change once
            published.
        outdated: what must be derived again.
    """

    statements: tuple[str, ...]
    outdated: Derived = Derived.NOTHING


def outdated(versions: Sequence[SchemaVersion]) -> Derived:
    """Return what must be derived again after migrating through all of `versions`."""
    result = Derived.NOTHING
    for version in versions:
        result |= version.outdated
    return result
