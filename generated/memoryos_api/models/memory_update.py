from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast

from attrs import define as _attrs_define

from ..models.memory_nature import MemoryNature, check_memory_nature
from ..models.tier import Tier, check_tier
from ..types import UNSET, Unset, parse_datetime, read, to_json

if TYPE_CHECKING:
    from ..models.metadata import Metadata

T = TypeVar("T", bound="MemoryUpdate")


@_attrs_define
class MemoryUpdate:
    """The fields of a memory to change; at least one.

    Attributes:
        content (str | Unset): The new text. The service computes a new embedding for it.
        tier (Tier | Unset): How long a memory is kept. `short` memories expire 24 hours after
            creation and lose about 10 % of their relevance per hour. `medium` memories fade over
            days. `long` memories don't expire and fade over months.
        importance_score (float | Unset): The new importance, from 0 to 1.
        memory_nature (MemoryNature | Unset): `semantic` for facts, concepts and preferences;
            `episodic` for events and interactions that happened at a certain time.
        metadata (Metadata | Unset): Any JSON object. Searches filter by two of its keys, `tags`
            and `entities`; the service stores all other keys unchanged. The local Memory OS accepts
            at most 65536 bytes, measured as compact JSON in UTF-8.
        tags (list[str] | Unset): The names of all tags of the memory from now on, instead of
            those in `metadata`. The local Memory OS accepts at most 256 items, each of at most 4096
            characters.
        expires_at (datetime.datetime | Unset): The new time of expiry, in the future.
        if_updated_at (datetime.datetime | Unset): The `updated_at` that the memory must have.
            Otherwise, the update fails with 409.
    """

    content: str | Unset = UNSET
    tier: Tier | Unset = UNSET
    importance_score: float | Unset = UNSET
    memory_nature: MemoryNature | Unset = UNSET
    metadata: Metadata | Unset = UNSET
    tags: list[str] | Unset = UNSET
    expires_at: datetime.datetime | Unset = UNSET
    if_updated_at: datetime.datetime | Unset = UNSET

    def to_dict(self) -> dict[str, Any]:
        """The model as JSON has it, without the fields that are UNSET."""
        fields: dict[str, Any] = {
            "content": self.content,
            "tier": self.tier,
            "importance_score": self.importance_score,
            "memory_nature": self.memory_nature,
            "metadata": to_json(self.metadata),
            "tags": self.tags,
            "expires_at": to_json(self.expires_at),
            "if_updated_at": to_json(self.if_updated_at),
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
        importance_score = _source.pop("importance_score", UNSET)

        def _read_memory_nature(_value: Any) -> MemoryNature | Unset:
            _memory_nature = _value
            memory_nature: MemoryNature | Unset
            if isinstance(_memory_nature, Unset):
                memory_nature = UNSET
            else:
                memory_nature = check_memory_nature(_memory_nature)

            return memory_nature

        memory_nature = read(_read_memory_nature, _source.pop("memory_nature", UNSET))

        def _read_metadata(_value: Any) -> Metadata | Unset:
            _metadata = _value
            metadata: Metadata | Unset
            if isinstance(_metadata, Unset):
                metadata = UNSET
            else:
                metadata = Metadata.from_dict(_metadata)

            return metadata

        metadata = read(_read_metadata, _source.pop("metadata", UNSET))

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

        def _read_if_updated_at(_value: Any) -> datetime.datetime | Unset:
            _if_updated_at = _value
            if_updated_at: datetime.datetime | Unset
            if isinstance(_if_updated_at, Unset):
                if_updated_at = UNSET
            else:
                if_updated_at = parse_datetime(_if_updated_at)

            return if_updated_at

        if_updated_at = read(_read_if_updated_at, _source.pop("if_updated_at", UNSET))
        return cls(
            content=content,
            tier=tier,
            importance_score=importance_score,
            memory_nature=memory_nature,
            metadata=metadata,
            tags=tags,
            expires_at=expires_at,
            if_updated_at=if_updated_at,
        )
