from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset, to_json

T = TypeVar("T", bound="ContextOmissions")


@_attrs_define
class ContextOmissions:
    """How many of the memories considered for a context were left out of it, by reason. A memory
    of which the context contains passages is not counted.

    Attributes:
        budget (int | Unset): The memories for which the token budget has no room.
        duplicate (int | Unset): The memories whose text the context contains already, apart from
            case, spacing and Unicode normalization.
    """

    budget: int | Unset = UNSET
    duplicate: int | Unset = UNSET
    additional_properties: dict[str, int] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        """The model as JSON has it, without the fields that are UNSET."""
        fields: dict[str, Any] = {
            "budget": self.budget,
            "duplicate": self.duplicate,
            **to_json(self.additional_properties),
        }
        return {key: value for key, value in fields.items() if not isinstance(value, Unset)}

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        """Read the model from JSON: a missing field is UNSET, a value of another type stays as it is."""

        _source = dict(src_dict)
        budget = _source.pop("budget", UNSET)
        duplicate = _source.pop("duplicate", UNSET)
        model = cls(
            budget=budget,
            duplicate=duplicate,
        )
        model.additional_properties = _source
        return model

    @property
    def additional_keys(self) -> list[str]:
        """The keys that the contract does not name."""
        return list(self.additional_properties)

    def __getitem__(self, key: str) -> int:
        return self.additional_properties[key]

    def __setitem__(self, key: str, value: int) -> None:
        self.additional_properties[key] = value

    def __delitem__(self, key: str) -> None:
        del self.additional_properties[key]

    def __contains__(self, key: str) -> bool:
        return key in self.additional_properties
