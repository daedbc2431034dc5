from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset, read, to_json

if TYPE_CHECKING:
    from ..models.score_part import ScorePart

T = TypeVar("T", bound="ScoreExplanation")


@_attrs_define
class ScoreExplanation:
    """What a `combined_score` is made of, and the query's words in the memory.

    Attributes:
        parts (list[ScorePart]): The parts of the score. The sum of their shares is the score.
        matched_words (list[str]): Words of the content that match the query, as they stand there,
            in the order of their first occurrence. In scripts without spaces, runs of matching
            characters.
    """

    parts: list[ScorePart]
    matched_words: list[str]
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        """The model as JSON has it, without the fields that are UNSET."""
        fields: dict[str, Any] = {
            "parts": to_json(self.parts),
            "matched_words": self.matched_words,
            **to_json(self.additional_properties),
        }
        return {key: value for key, value in fields.items() if not isinstance(value, Unset)}

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        """Read the model from JSON: a missing field is UNSET, a value of another type stays as it is."""
        from ..models.score_part import ScorePart

        _source = dict(src_dict)

        def _read_parts(_value: Any) -> list[ScorePart]:
            parts = []
            _parts = _value
            for parts_item_data in _parts:
                parts_item = ScorePart.from_dict(parts_item_data)

                parts.append(parts_item)

            return parts

        parts = read(_read_parts, _source.pop("parts", UNSET))

        def _read_matched_words(_value: Any) -> list[str]:
            matched_words = cast("list[str]", _value)

            return matched_words

        matched_words = read(_read_matched_words, _source.pop("matched_words", UNSET))
        model = cls(
            parts=parts,
            matched_words=matched_words,
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
