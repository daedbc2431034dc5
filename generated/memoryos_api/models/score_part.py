from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset, to_json

T = TypeVar("T", bound="ScorePart")


@_attrs_define
class ScorePart:
    """A part of a `combined_score`, such as the similarity or the relevance.

    Attributes:
        name (str): The name of the part. The list of names is open.
        share (float): What it adds to the score; below 0 if it counts against the memory.
        value (float | Unset): The value that was measured, if the part has one.
        weight (float | Unset): The weight of the value, if it has one.
    """

    name: str
    share: float
    value: float | Unset = UNSET
    weight: float | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        """The model as JSON has it, without the fields that are UNSET."""
        fields: dict[str, Any] = {
            "name": self.name,
            "share": self.share,
            "value": self.value,
            "weight": self.weight,
            **to_json(self.additional_properties),
        }
        return {key: value for key, value in fields.items() if not isinstance(value, Unset)}

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        """Read the model from JSON: a missing field is UNSET, a value of another type stays as it is."""

        _source = dict(src_dict)
        name = _source.pop("name", UNSET)
        share = _source.pop("share", UNSET)
        value = _source.pop("value", UNSET)
        weight = _source.pop("weight", UNSET)
        model = cls(
            name=name,
            share=share,
            value=value,
            weight=weight,
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
