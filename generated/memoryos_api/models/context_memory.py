from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar
from uuid import UUID

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.tier import Tier, check_tier
from ..types import UNSET, Unset, read, to_json

if TYPE_CHECKING:
    from ..models.metadata import Metadata

T = TypeVar("T", bound="ContextMemory")


@_attrs_define
class ContextMemory:
    """A memory that is used in a context.

    Attributes:
        id (UUID): The memory's id.
        content (str): The text in the context: the content of the memory or, if the budget has no
            room for all of it, the passages that match the query best. `…` marks where the content is
            cut.
        tier (Tier): How long a memory is kept. `short` memories expire 24 hours after creation
            and lose about 10 % of their relevance per hour. `medium` memories fade over days. `long`
            memories don't expire and fade over months.
        score (float): The score that the memories are sorted by.
        metadata (Metadata | Unset): Any JSON object. Searches filter by two of its keys, `tags`
            and `entities`; the service stores all other keys unchanged. The local Memory OS accepts
            at most 65536 bytes, measured as compact JSON in UTF-8.
    """

    id: UUID
    content: str
    tier: Tier
    score: float
    metadata: Metadata | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        """The model as JSON has it, without the fields that are UNSET."""
        fields: dict[str, Any] = {
            "id": to_json(self.id),
            "content": self.content,
            "tier": self.tier,
            "score": self.score,
            "metadata": to_json(self.metadata),
            **to_json(self.additional_properties),
        }
        return {key: value for key, value in fields.items() if not isinstance(value, Unset)}

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        """Read the model from JSON: a missing field is UNSET, a value of another type stays as it is."""
        from ..models.metadata import Metadata

        _source = dict(src_dict)

        def _read_id(_value: Any) -> UUID:
            id = UUID(_value)

            return id

        id = read(_read_id, _source.pop("id", UNSET))
        content = _source.pop("content", UNSET)

        def _read_tier(_value: Any) -> Tier:
            tier = check_tier(_value)

            return tier

        tier = read(_read_tier, _source.pop("tier", UNSET))
        score = _source.pop("score", UNSET)

        def _read_metadata(_value: Any) -> Metadata | Unset:
            _metadata = _value
            metadata: Metadata | Unset
            if isinstance(_metadata, Unset):
                metadata = UNSET
            else:
                metadata = Metadata.from_dict(_metadata)

            return metadata

        metadata = read(_read_metadata, _source.pop("metadata", UNSET))
        model = cls(
            id=id,
            content=content,
            tier=tier,
            score=score,
            metadata=metadata,
        )
        model.additional_properties = _source
        return model

    @property
    def additional_keys(self) -> list[str]:
        """The keys that the contract does not name."""
        return list(self.additional_properties)

    def __getitem__(self, key: str) -> Any:
        return self.additional_properties[key]

    def __setitem__(self, key: str, value: Any) -> None:
        self.additional_properties[key] = value

    def __delitem__(self, key: str) -> None:
        del self.additional_properties[key]

    def __contains__(self, key: str) -> bool:
        return key in self.additional_properties
