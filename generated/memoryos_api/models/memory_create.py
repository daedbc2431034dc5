from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast
from uuid import UUID

from attrs import define as _attrs_define

from ..models.content_type import ContentType, check_content_type
from ..models.memory_nature import MemoryNature, check_memory_nature
from ..models.tier import Tier, check_tier
from ..types import UNSET, Unset, parse_datetime, read, to_json

if TYPE_CHECKING:
    from ..models.metadata import Metadata

T = TypeVar("T", bound="MemoryCreate")


@_attrs_define
class MemoryCreate:
    """A memory to store.

    Attributes:
        content (str): The text to remember.
        tier (Tier | Unset): How long a memory is kept. `short` memories expire 24 hours after
            creation and lose about 10 % of their relevance per hour. `medium` memories fade over
            days. `long` memories don't expire and fade over months. Default: 'short'.
        content_type (ContentType | Unset): The kind of text. Default: 'text'.
        memory_nature (MemoryNature | Unset): `semantic` for facts, concepts and preferences;
            `episodic` for events and interactions that happened at a certain time.
        parent_memory_id (UUID | Unset): The id of the parent memory.
        metadata (Metadata | Unset): Any JSON object. Searches filter by two of its keys, `tags`
            and `entities`; the service stores all other keys unchanged. The local Memory OS accepts
            at most 65536 bytes, measured as compact JSON in UTF-8.
        external_id (str | Unset): The application's own identifier for the memory. The local
            Memory OS accepts at most 4096 characters.
        source_id (str | Unset): The application's identifier for the memory's source. The local
            Memory OS accepts at most 4096 characters.
        importance_score (float | Unset): The memory's importance, from 0 to 1.
        tags (list[str] | Unset): The names of the memory's tags, in addition to the tags in
            `metadata`. The local Memory OS accepts at most 256 items, each of at most 4096
            characters.
        expires_at (datetime.datetime | Unset): The time at which the memory expires, in the
            future. The default depends on the tier.
        upsert (bool | Unset): Whether to update the newest memory with the same `external_id`, if
            there is one, instead of creating another. The request then needs an `external_id`. Fields
            that it leaves out keep their values. If nothing differs, the memory stays as it is, its
            `updated_at` too.
        upsert_within (list[str] | Unset): Tag names. With `upsert`, only a memory with all of
            these tags is updated. If a tag has a key, such as `user` in `user:ada`, the memory must
            have no other tag with that key. A new parent must meet the same conditions for the tags
            with keys. The local Memory OS accepts at most 256 items, each of at most 4096 characters.
        created_at (datetime.datetime | Unset): The time of creation of an imported memory, not in
            the future.
        access_count (int | Unset): The number of accesses of an imported memory, from 0 to
            2147483647.
        last_accessed_at (datetime.datetime | Unset): The time of the last access of an imported
            memory, not in the future.
    """

    content: str
    tier: Tier | Unset = "short"
    content_type: ContentType | Unset = "text"
    memory_nature: MemoryNature | Unset = UNSET
    parent_memory_id: UUID | Unset = UNSET
    metadata: Metadata | Unset = UNSET
    external_id: str | Unset = UNSET
    source_id: str | Unset = UNSET
    importance_score: float | Unset = UNSET
    tags: list[str] | Unset = UNSET
    expires_at: datetime.datetime | Unset = UNSET
    upsert: bool | Unset = UNSET
    upsert_within: list[str] | Unset = UNSET
    created_at: datetime.datetime | Unset = UNSET
    access_count: int | Unset = UNSET
    last_accessed_at: datetime.datetime | Unset = UNSET

    def to_dict(self) -> dict[str, Any]:
        """The model as JSON has it, without the fields that are UNSET."""
        fields: dict[str, Any] = {
            "content": self.content,
            "tier": self.tier,
            "content_type": self.content_type,
            "memory_nature": self.memory_nature,
            "parent_memory_id": to_json(self.parent_memory_id),
            "metadata": to_json(self.metadata),
            "external_id": self.external_id,
            "source_id": self.source_id,
            "importance_score": self.importance_score,
            "tags": self.tags,
            "expires_at": to_json(self.expires_at),
            "upsert": self.upsert,
            "upsert_within": self.upsert_within,
            "created_at": to_json(self.created_at),
            "access_count": self.access_count,
            "last_accessed_at": to_json(self.last_accessed_at),
        }
        return {key: value for key, value in fields.items() if not isinstance(value, Unset)}

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        """Read the model from JSON: a missing field is UNSET, a value of another type stays as it is."""
        from ..models.metadata import Metadata

        _source = dict(src_dict)
        content = _source.pop("content", UNSET)

        def _read_tier(_value: Any) -> Tier | Unset:
            _tier = _value
            tier: Tier | Unset
            if isinstance(_tier, Unset):
                tier = UNSET
            else:
                tier = check_tier(_tier)

            return tier

        tier = read(_read_tier, _source.pop("tier", UNSET))

        def _read_content_type(_value: Any) -> ContentType | Unset:
            _content_type = _value
            content_type: ContentType | Unset
            if isinstance(_content_type, Unset):
                content_type = UNSET
            else:
                content_type = check_content_type(_content_type)

            return content_type

        content_type = read(_read_content_type, _source.pop("content_type", UNSET))

        def _read_memory_nature(_value: Any) -> MemoryNature | Unset:
            _memory_nature = _value
            memory_nature: MemoryNature | Unset
            if isinstance(_memory_nature, Unset):
                memory_nature = UNSET
            else:
                memory_nature = check_memory_nature(_memory_nature)

            return memory_nature

        memory_nature = read(_read_memory_nature, _source.pop("memory_nature", UNSET))

        def _read_parent_memory_id(_value: Any) -> UUID | Unset:
            _parent_memory_id = _value
            parent_memory_id: UUID | Unset
            if isinstance(_parent_memory_id, Unset):
                parent_memory_id = UNSET
            else:
                parent_memory_id = UUID(_parent_memory_id)

            return parent_memory_id

        parent_memory_id = read(_read_parent_memory_id, _source.pop("parent_memory_id", UNSET))

        def _read_metadata(_value: Any) -> Metadata | Unset:
            _metadata = _value
            metadata: Metadata | Unset
            if isinstance(_metadata, Unset):
                metadata = UNSET
            else:
                metadata = Metadata.from_dict(_metadata)

            return metadata

        metadata = read(_read_metadata, _source.pop("metadata", UNSET))
        external_id = _source.pop("external_id", UNSET)
        source_id = _source.pop("source_id", UNSET)
        importance_score = _source.pop("importance_score", UNSET)

        def _read_tags(_value: Any) -> list[str] | Unset:
            tags = cast("list[str]", _value)

            return tags

        tags = read(_read_tags, _source.pop("tags", UNSET))

        def _read_expires_at(_value: Any) -> datetime.datetime | Unset:
            _expires_at = _value
            expires_at: datetime.datetime | Unset
            if isinstance(_expires_at, Unset):
                expires_at = UNSET
            else:
                expires_at = parse_datetime(_expires_at)

            return expires_at

        expires_at = read(_read_expires_at, _source.pop("expires_at", UNSET))
        upsert = _source.pop("upsert", UNSET)

        def _read_upsert_within(_value: Any) -> list[str] | Unset:
            upsert_within = cast("list[str]", _value)

            return upsert_within

        upsert_within = read(_read_upsert_within, _source.pop("upsert_within", UNSET))

        def _read_created_at(_value: Any) -> datetime.datetime | Unset:
            _created_at = _value
            created_at: datetime.datetime | Unset
            if isinstance(_created_at, Unset):
                created_at = UNSET
            else:
                created_at = parse_datetime(_created_at)

            return created_at

        created_at = read(_read_created_at, _source.pop("created_at", UNSET))
        access_count = _source.pop("access_count", UNSET)

        def _read_last_accessed_at(_value: Any) -> datetime.datetime | Unset:
            _last_accessed_at = _value
            last_accessed_at: datetime.datetime | Unset
            if isinstance(_last_accessed_at, Unset):
                last_accessed_at = UNSET
            else:
                last_accessed_at = parse_datetime(_last_accessed_at)

            return last_accessed_at

        last_accessed_at = read(_read_last_accessed_at, _source.pop("last_accessed_at", UNSET))
        return cls(
            content=content,
            tier=tier,
            content_type=content_type,
            memory_nature=memory_nature,
            parent_memory_id=parent_memory_id,
            metadata=metadata,
            external_id=external_id,
            source_id=source_id,
            importance_score=importance_score,
            tags=tags,
            expires_at=expires_at,
            upsert=upsert,
            upsert_within=upsert_within,
            created_at=created_at,
            access_count=access_count,
            last_accessed_at=last_accessed_at,
        )
