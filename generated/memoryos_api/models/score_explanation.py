from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import Unset, to_json

T = TypeVar("T", bound="ScoreExplanation")


@_attrs_define
class ScoreExplanation:
    """The parts of a `combined_score`, by name, as far as they are known. Their sum is the
    score.

    """

    additional_properties: dict[str, float] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        """The model as JSON has it, without the fields that are UNSET."""
        fields: dict[str, Any] = {
            **to_json(self.additional_properties),
        }
        return {key: value for key, value in fields.items() if not isinstance(value, Unset)}

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        """Read the model from JSON: a missing field is UNSET, a value of another type stays as it is."""

        _source = dict(src_dict)
        model = cls()
        model.additional_properties = _source
        return model

    @property
    def additional_keys(self) -> list[str]:
        """The keys that the contract does not name."""
        return list(self.additional_properties)

    def __getitem__(self, key: str) -> float:
        return self.additional_properties[key]

    def __setitem__(self, key: str, value: float) -> None:
        self.additional_properties[key] = value

    def __delitem__(self, key: str) -> None:
        del self.additional_properties[key]

    def __contains__(self, key: str) -> bool:
        return key in self.additional_properties
