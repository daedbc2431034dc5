"""What is stored: plain values, the same for every store."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

__all__ = [
    "KEY_ID_LENGTH",
    "Access",
    "Claim",
    "Entity",
    "EntityNames",
    "KeyRecord",
    "Memory",
    "Selection",
    "Standing",
    "Tag",
]

KEY_ID_LENGTH = 12
"""How many digits of its hash an API key is called by."""


@dataclass(frozen=True, slots=True)
class Memory:
    """One memory; the fields are those of the contract, and its owner."""

    id: str
    owner: str
    content: str
    content_type: str
    tier: str
    memory_nature: str | None
    importance_score: float
    confidence_score: float
    access_count: int
    last_accessed_at: datetime | None
    parent_memory_id: str | None
    external_id: str | None
    source_id: str | None
    metadata: dict[str, Any]
    pii_fields: tuple[str, ...]
    integrity_hash: str
    created_at: datetime
    updated_at: datetime
    expires_at: datetime | None

    @property
    def refreshed_at(self) -> datetime:
        """The time that its relevance falls from: the last access, or else the creation."""
        return self.last_accessed_at or self.created_at


@dataclass(frozen=True, slots=True)
class Standing:
    """What of a memory decides its place among others that fit as well."""

    id: str
    tier: str
    importance_score: float
    refreshed_at: datetime


@dataclass(frozen=True, slots=True)
class Tag:
    """A label on memories, with the number of memories that carry it."""

    id: str
    name: str
    color: str | None
    description: str | None
    memory_count: int
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class Entity:
    """Somebody or something that memories speak of."""

    id: str
    owner: str
    name: str
    type: str
    aliases: tuple[str, ...]
    metadata: dict[str, Any]
    created_at: datetime


class EntityNames(NamedTuple):
    """An entity as memories can refer to it.

    Attributes:
        id: what their metadata names; of an entity that is not registered, any text.
        names: what their content mentions it by: its name and aliases, none if not registered.
    """

    id: str
    names: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class KeyRecord:
    """An API key, of which only the SHA-256 hash is known."""

    hash: str
    owner: str
    scopes: tuple[str, ...]
    name: str | None
    created_at: datetime
    expires_at: datetime | None
    revoked_at: datetime | None

    @property
    def id(self) -> str:
        """What the key is called where it must not be told: the first digits of its hash."""
        return self.hash[:KEY_ID_LENGTH]


@dataclass(frozen=True, slots=True)
class Claim:
    """What an idempotency key stands for: which body made which record, and when.

    It holds nothing of the body but a hash. Whoever sends the same body again brings the content
    along, so the first answer can be built anew, and a deleted memory leaves no text behind.
    """

    owner: str
    operation: str
    key: str
    body_hash: str
    record_id: str
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Access:
    """How often a memory was read since the last count, and when last."""

    count: int
    last_at: datetime


@dataclass(frozen=True, slots=True)
class Selection:
    """Which of an owner's unexpired memories are meant; None and () select all.

    Attributes:
        owner: whose memories.
        now: what has expired by this time is left out.
        tags: names; a memory must carry all of them.
        entities: a memory must refer to all of them, by their ids or in its text. A store may find
            a text that holds a name with another ending, too.
        refreshed_since: for each tier, the earliest `Memory.refreshed_at`.
    """

    owner: str
    now: datetime
    tier: str | None = None
    content_type: str | None = None
    memory_nature: str | None = None
    tags: tuple[str, ...] = ()
    entities: tuple[EntityNames, ...] = ()
    refreshed_since: Mapping[str, datetime] | None = None
