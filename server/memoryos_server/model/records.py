"""Records of the store: immutable values, the same for every store."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from .scope_tags import scope_key

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

__all__ = [
    "KEY_ID_CHARACTERS",
    "Access",
    "Entity",
    "EntityNames",
    "EntitySelection",
    "KeyRecord",
    "Memory",
    "RankingAttributes",
    "Selection",
    "Tag",
    "TagSelection",
]

KEY_ID_CHARACTERS = 12
"""Number of characters of a key's ID: the first ones of its hash."""


@dataclass(frozen=True, slots=True)
class Memory:
    """A memory: its owner, and the fields of the contract's `Memory`."""

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
        """The time from which relevance decays: the last access, or the creation."""
        return self.last_accessed_at or self.created_at


@dataclass(frozen=True, slots=True)
class RankingAttributes:
    """The attributes of a memory that its combined score depends on."""

    id: str
    tier: str
    importance_score: float
    refreshed_at: datetime


@dataclass(frozen=True, slots=True)
class Tag:
    """A tag, with the number of memories that have it."""

    id: str
    name: str
    color: str | None
    description: str | None
    memory_count: int
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class Entity:
    """A person, place, thing or organization that memories refer to."""

    id: str
    owner: str
    name: str
    type: str
    aliases: tuple[str, ...]
    metadata: dict[str, Any]
    created_at: datetime


class EntityNames(NamedTuple):
    """The names by which memories can refer to an entity.

    Attributes:
        id: ID in the metadata of memories. IDs of unregistered entities may be any text.
        names: Name and aliases in the content of memories; empty for unregistered entities.
    """

    id: str
    names: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class KeyRecord:
    """An API key, stored only as its SHA-256 hash.

    `scopes` are its permissions, under the name that the API and the databases use. `scope_tags`
    limit it to the memories with these tags.
    """

    hash: str
    owner: str
    scopes: tuple[str, ...]
    name: str | None
    created_at: datetime
    expires_at: datetime | None
    revoked_at: datetime | None
    scope_tags: tuple[str, ...] = ()

    @property
    def id(self) -> str:
        """A public identifier of the key: the first characters of its hash."""
        return self.hash[:KEY_ID_CHARACTERS]

    def is_valid(self, now: datetime) -> bool:
        """Return whether the key is neither revoked nor expired at `now`."""
        return self.revoked_at is None and (self.expires_at is None or now < self.expires_at)

    def state(self, now: datetime) -> str:
        """Return `valid`, `expired` or `revoked`."""
        if self.revoked_at is not None:
            return "revoked"
        return "valid" if self.is_valid(now) else "expired"


@dataclass(frozen=True, slots=True)
class Access:
    """Pending accesses of a memory.

    Attributes:
        count: Number of accesses since the last write to the store.
        last_at: Time of the last access.
    """

    count: int
    last_at: datetime


@dataclass(frozen=True, slots=True)
class Selection:
    """A filter on an owner's unexpired memories; None and () match all.

    Attributes:
        owner: Owner of the memories.
        now: Memories that have expired by this time don't match.
        tier: `short`, `medium` or `long`.
        content_type: A content type of the contract.
        memory_nature: `episodic` or `semantic`.
        tags: Names of tags; a memory must have all of them.
        entities: A memory must refer to all of these entities, by ID or in its content. A store may
            also return memories that contain another form of the name.
        refreshed_since: The earliest `Memory.refreshed_at` for each tier.
        created_after: The earliest `Memory.created_at`.
        created_before: `Memory.created_at` must be earlier.
        external_id: The external ID.
        metadata: Each of these keys must have an equal JSON value in the memory's metadata.
        scope_tags: A memory must have all of these tags, and no others with the same keys; see
            `memoryos_server.model.scope_tags`.
    """

    owner: str
    now: datetime
    tier: str | None = None
    content_type: str | None = None
    memory_nature: str | None = None
    tags: tuple[str, ...] = ()
    entities: tuple[EntityNames, ...] = ()
    refreshed_since: Mapping[str, datetime] | None = None
    created_after: datetime | None = None
    created_before: datetime | None = None
    external_id: str | None = None
    metadata: Mapping[str, Any] | None = None
    scope_tags: tuple[str, ...] = ()

    @property
    def scope(self) -> Selection:
        """All memories of the users whose memories are selected, as far as tags tell them apart.

        Those are the tags of the API key, and tags with a key, such as `user:alice`.
        """
        tags = tuple(tag for tag in self.tags if scope_key(tag) is not None)
        return Selection(self.owner, self.now, tags=tags, scope_tags=self.scope_tags)


@dataclass(frozen=True, slots=True)
class TagSelection:
    """The tags of an owner to list, and their order.

    Attributes:
        memories: the memories that count for `Tag.memory_count`. With `scope_tags`, only their tags
            are selected.
        sort: `name`, `memory_count` or `created_at`.
        order: `asc` or `desc`.
        search: a part of the name, in any case; None selects all.
    """

    memories: Selection
    sort: str
    order: str
    search: str | None = None


@dataclass(frozen=True, slots=True)
class EntitySelection:
    """The entities of an owner to list.

    Attributes:
        memories: memories of the owner of the entities. With `scope_tags`, only entities whose ids
            are in the metadata of these memories are selected.
        type: the type of the entities; None selects all.
        search: a part of the name, in any case; None selects all.
    """

    memories: Selection
    type: str | None = None
    search: str | None = None
