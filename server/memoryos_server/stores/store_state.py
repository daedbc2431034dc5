"""Whether a store can be used by this program, for who watches a server."""

from __future__ import annotations

from enum import Enum
from typing import NamedTuple

__all__ = ["SchemaAge", "StoreState"]


class SchemaAge(Enum):
    """The version of the tables, compared with the one of this program."""

    OLDER = "older"
    CURRENT = "ok"
    NEWER = "newer"

    @classmethod
    def compare(cls, stored: int, current: int) -> SchemaAge:
        """Return the age of the version `stored`; this program's version is `current`."""
        if stored == current:
            return cls.CURRENT
        return cls.OLDER if stored < current else cls.NEWER


class StoreState(NamedTuple):
    """The state of a store that can be read.

    Attributes:
        accepts_writes: whether it can be written too.
        schema: the version of its tables.
        has_other_embedder: whether its vectors are from another embedder than the store's.
    """

    accepts_writes: bool
    schema: SchemaAge
    has_other_embedder: bool
