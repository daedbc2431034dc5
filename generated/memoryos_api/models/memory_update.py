from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from attrs import define as _attrs_define

from ..models.memory_nature import MemoryNature, check_memory_nature
from ..models.tier import Tier, check_tier
from ..types import UNSET, Unset, read, to_json

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
    """

    content: str | Unset = UNSET
    tier: Tier | Unset = UNSET
    importance_score: float | Unset = UNSET
    memory_nature: MemoryNature | Unset = UNSET
    metadata: Metadata | Unset = UNSET

    def to_dict(self) -> dict[str, Any]:
        """The model as JSON has it, without the fields that are UNSET."""
        fields: dict[str, Any] = {
            "content": self.content,
            "tier": self.tier,
            "importance_score": self.importance_score,
            "memory_nature": self.memory_nature,
            "metadata": to_json(self.metadata),
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
        return cls(
            content=content,
            tier=tier,
            importance_score=importance_score,
            memory_nature=memory_nature,
            metadata=metadata,
        )
